import { canDraw } from "./coverage";

/** The map on the pages of open data: the features of the page, or a whole layer by its tiles. Without it, the table says all. */
export class FeatureMap extends HTMLElement {
  #live: { remove(): void } | undefined;

  connectedCallback(): void {
    if (!canDraw()) return;
    this.hidden = false;
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      watch.disconnect();
      void this.#load();
    }, { rootMargin: "300px" });
    watch.observe(this);
  }

  disconnectedCallback(): void {
    this.#live?.remove();
  }

  async #load(): Promise<void> {
    const { FeatureMapLive } = await import("./feature-map-live");
    if (this.isConnected) this.#live = new FeatureMapLive(this.querySelector<HTMLElement>(".live")!, this);
  }
}
