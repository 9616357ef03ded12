declare const __CHAT_CHUNK__: string;
const script = document.currentScript as HTMLScriptElement | null;
if (script) void import(/* @vite-ignore */ new URL(__CHAT_CHUNK__, script.src).href).then((chat) => chat.start());
