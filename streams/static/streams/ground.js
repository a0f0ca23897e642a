/**
 * The colours that a picture's own ground has from top to foot, read from its edges.
 *
 *   groundOf(image)   // {top, mid, foot} as CSS colours, or null for a picture that can not be read
 *
 * The stage paints them around the picture, so that the product stands in the room instead of in a frame.
 */

const SIDE = 16;

export function groundOf(image) {
  try {
    const canvas = document.createElement("canvas");
    canvas.width = SIDE;
    canvas.height = SIDE;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(image, 0, 0, SIDE, SIDE);
    const row = (y) => mean([...pen.getImageData(0, y, 1, 1).data], [...pen.getImageData(SIDE - 1, y, 1, 1).data]);
    return { top: row(1), mid: row(10), foot: row(SIDE - 2) };
  } catch {
    return null; // from another origin, or not decoded: the stage keeps its own light
  }
}

function mean(one, other) {
  const [red, green, blue] = one.map((value, at) => Math.round((value + other[at]) / 2));
  return `rgb(${red} ${green} ${blue})`;
}
