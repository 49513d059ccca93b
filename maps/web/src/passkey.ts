/** Passkeys: forms marked `data-passkey` appear where the browser and the address of the page can have them. */

type Way = "add" | "sign-in" | "second";

export function startPasskeys(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    if (!canHave(form.dataset.domain ?? "")) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void attempt(form);
    });
  }
  for (const note of document.querySelectorAll<HTMLElement>("[data-passkey-missing]")) {
    note.hidden = canHave(note.dataset.passkeyMissing ?? "");
  }
}

/** Old browsers read no JSON options, and a passkey belongs to one domain alone. */
function canHave(domain: string): boolean {
  const readsJson = "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;
  return readsJson && (location.hostname === domain || location.hostname.endsWith(`.${domain}`));
}

async function attempt(form: HTMLFormElement): Promise<void> {
  const fault = form.querySelector<HTMLElement>(".fault");
  const button = form.querySelector<HTMLButtonElement>("button");
  if (fault) fault.hidden = true;
  if (button) button.disabled = true;
  try {
    const { location } = await pass(form, form.dataset.passkey as Way);
    window.location.assign(location);
  } catch (error) {
    if (fault) {
      fault.textContent = error instanceof Refusal ? error.message : (form.dataset.cancelled ?? "");
      fault.hidden = !fault.textContent;
    }
    if (button) button.disabled = false;
  }
}

async function pass(form: HTMLFormElement, way: Way): Promise<{ location: string }> {
  const typed = (name: string): string => String(new FormData(form).get(name) ?? "");
  const question = way === "add" ? { password: typed("password") } : { second: way === "second" };
  const options = await send<never>(form.dataset.options!, question);
  const credential = way === "add" ? await make(options) : await show(options);
  return send(form.dataset.answer!, { credential, ...(way === "add" && { name: typed("name") }) });
}

async function make(options: PublicKeyCredentialCreationOptionsJSON): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return toJson(await navigator.credentials.create({ publicKey }));
}

async function show(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return toJson(await navigator.credentials.get({ publicKey }));
}

function toJson(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no credential");
  return credential.toJSON();
}

/** What the server says, in the reader's words. */
class Refusal extends Error {}

async function send<T>(address: string, body: unknown): Promise<T> {
  const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...(csrf && { "X-CSRF": csrf }) },
    body: JSON.stringify(body),
  });
  const told = (await answer.json()) as T & { detail?: string };
  if (!answer.ok) throw new Refusal(told.detail);
  return told;
}
