// A notification of the browser for what comes while nobody looks at the page.

/** Shows one where the person allowed them, and returns it. */
export function notify(title: string, options: NotificationOptions): Notification | undefined {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return undefined;
  try {
    return new Notification(title, options);
  } catch {
    // Chrome on Android has the constructor and throws: there the sound is all.
    return undefined;
  }
}
