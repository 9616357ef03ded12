// A notification of the browser for what comes while nobody looks at the page.

/** Shows one where the person allowed them. */
export function notify(title: string, options: NotificationOptions): void {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  try {
    new Notification(title, options);
  } catch {
    // Chrome on Android has the constructor and throws: there the sound is all.
  }
}
