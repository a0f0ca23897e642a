/** Times are typed in the zone of the person: the browser names it, and shows a saved time in it. */

import { $ } from "./dom.js";

const zone = $("input[name=zone]");
const field = $("input[name=scheduled_for]");
const at = $("#scheduled-at")?.dataset.at;

if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field && at && !field.value) {
  const moment = new Date(at);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  field.value = local.toISOString().slice(0, 16);
}
