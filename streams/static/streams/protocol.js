/** Names of the room's protocol that the browser needs. The server's models are the source of truth. */

export const SUBPROTOCOL = "livestore.v1";

/** Close codes. 4400-4499: trying again may help. 4500-4599: it will not. */
export const CLOSE = {
  TOO_SLOW: 4408,
  RESTARTING: 4410,
  TOO_FAST: 4429,
  BAD_FRAMES: 4500,
  WHO_ARE_YOU: 4501,
  NOT_ALLOWED: 4503,
  NO_SUCH_SHOW: 4504,
};

export const isFinal = (code) => code >= 4500 && code <= 4599;

/** Order states and payment states after which nothing changes by itself any more. */
export const SETTLED = new Set(["paid", "packed", "shipped", "delivered", "expired", "cancelled"]);

export const LIMITS = { CHAT_LENGTH: 300, QUANTITY: 99, REACTIONS: 50 };

/** A UUID for `data.key`. `crypto.randomUUID` is missing on plain http outside localhost (a phone in the demo). */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
