/** The phone's own sheet for sharing, and printing without leaving the page. */
export function startSharing(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-share]")) {
    button.hidden = !("share" in navigator);
  }
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const share = target.closest<HTMLElement>("[data-share]");
    if (share) void navigator.share({ title: share.dataset.title, url: location.href }).catch(() => undefined);
    if (target.closest("[data-print]")) {
      event.preventDefault();
      print();
    }
  });
}
