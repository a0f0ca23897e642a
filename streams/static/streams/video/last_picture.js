/** The last picture of a video, kept over it while the element itself has none: never black between two sources. */

export function createLastPicture(video) {
  const canvas = document.createElement("canvas");
  canvas.className = "video__last";
  canvas.setAttribute("aria-hidden", "true");
  canvas.hidden = true;
  video.after(canvas);

  const shown = () => {
    canvas.hidden = true;
  };

  return {
    /** Keep what is seen now. Gone again as soon as the video shows its next frame. */
    hold() {
      if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !video.videoWidth) return;
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      try {
        canvas.getContext("2d").drawImage(video, 0, 0);
      } catch {
        return; // a browser that does not give its pictures away
      }
      canvas.hidden = false;
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
      else video.addEventListener("timeupdate", shown, { once: true });
    },
    get isHeld() {
      return !canvas.hidden;
    },
    remove: () => canvas.remove(),
  };
}
