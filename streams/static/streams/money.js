/** Money is `{minor, currency}`. The same rules as the server's Money. */

const EXPONENTS = { JPY: 0, KRW: 0, VND: 0, CLP: 0, ISK: 0, BHD: 3, KWD: 3, TND: 3 };
const SYMBOLS = { EUR: "€", USD: "$", GBP: "£", JPY: "¥", CNY: "¥" };

export const exponent = (currency) => EXPONENTS[currency] ?? 2;
export const symbol = (currency) => SYMBOLS[currency] ?? `${currency} `;

/** `1,299.00` */
export function figure({ minor, currency }) {
  const digits = exponent(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const whole = digits ? text.slice(0, -digits) : text;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${minor < 0 ? "-" : ""}${grouped}${digits ? `.${text.slice(-digits)}` : ""}`;
}

/** `€1,299.00`, for sentences and labels. */
export const inWords = (money) => `${symbol(money.currency)}${figure(money)}`;

/** Minor units of what somebody typed (`12,99` or `12.99`), or null when it is not a price. */
export function parsePrice(text, currency) {
  const digits = exponent(currency);
  const match = /^\s*(\d{1,7})(?:[.,](\d{1,3}))?\s*$/.exec(text);
  if (!match || (match[2] ?? "").length > digits) return null;
  return Number(match[1]) * 10 ** digits + Number((match[2] ?? "").padEnd(digits, "0") || 0);
}

/** A price to be typed into a field: `12.99`. */
export function typed({ minor, currency }) {
  return figure({ minor, currency }).replaceAll(",", "");
}
