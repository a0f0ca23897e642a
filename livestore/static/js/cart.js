// The cart: when a hold runs out its line is asked for again, so that it says so by itself.
document.addEventListener("livestore:due", (event) => {
  if (!event.target.closest("#cart-lines")) return;
  // A moment later than the deadline: the server's own clock has to be past it too.
  setTimeout(() => document.getElementById("cart-lines").dispatchEvent(new Event("refresh")), 400);
});

// Screen readers hear the new total; htmx itself gives the focus back to the button with the same id.
document.addEventListener("htmx:afterSettle", () => {
  const total = document.querySelector("#cart-sum .price-large")?.textContent;
  const said = document.getElementById("cart-said");
  if (said && total) said.textContent = `The total is ${total}.`;
});
