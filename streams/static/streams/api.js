/** The HTTP API: JSON in, JSON out, one error shape. */

const cookie = (name) => document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);

/** The page carries a token where the cookie can not be read by scripts. */
const token = () => document.querySelector("[data-csrf]")?.dataset.csrf || cookie("csrftoken") || "";

/**
 * @returns {Promise<{ok: true, data: any} | {ok: false, error: {code, message, retry, fields?, data?}}>}
 * Never throws: a lost connection is an error like any other.
 */
export async function call(method, path, body, { key } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = token();
  if (key) headers["Idempotency-Key"] = key;
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = response.status === 204 ? {} : await response.json();
    if (response.ok) return { ok: true, data: answer };
    return { ok: false, error: answer.error ?? unclear };
  } catch {
    return { ok: false, error: offline };
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}, options) => call("POST", path, body, options);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const del = (path) => call("DELETE", path);

const offline = { code: "offline", message: "That did not reach us. Check your connection and try again.", retry: true };
const unclear = { code: "unclear", message: "Something went wrong on our side. Please try again.", retry: true };
