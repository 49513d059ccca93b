/** Call `pointed` when the pointer or the focus comes to something in a page, and when it leaves. */
export function followPointing(page: HTMLElement | null, pointed: (target: Element, on: boolean) => void, signal: AbortSignal): void {
  for (const [type, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]] as const) {
    page?.addEventListener(type, (event) => pointed(event.target as Element, on), { signal });
  }
}
