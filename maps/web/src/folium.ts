import "./leaflet-global";
import "leaflet.markercluster";
import "../styles/folium.css";
import L from "leaflet";
import { drawGround } from "./folium-ground";
import { labelAreas } from "./folium-labels";
import { describe, nameOf, readBlock, type Look, type Words } from "./folium-popup";

const REGION: L.LatLngBoundsLiteral = [[50.7637, 4.2438], [50.9139, 4.4823]];
const words = readBlock<Words>("words");
const features = readBlock<GeoJSON.FeatureCollection>("features");

/** The colour of a feature: that of its legend entry, in the reader's light or dark scheme. */
function colourOf(look: Look, feature?: GeoJSON.Feature): string {
  const value = look.by ? String(feature?.properties?.[look.by] ?? "") : "";
  const own = look.colours[value] ?? look.colour;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${value || look.id}`).trim() || own;
}

/** The features of the page's layer: points gathered into rings, lines and surfaces as they are. */
function drawFeatures(look: Look): L.Layer {
  const shapes = L.geoJSON(features, {
    style: (feature) => styleOf(look, feature),
    pointToLayer: (feature, place) => drawPoint(look, feature, place),
    onEachFeature: (feature, layer) => furnishFeature(look, feature, layer),
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shapes.setStyle((feature) => styleOf(look, feature)));
  if (look.geometry !== "point") return shapes;
  const rings = L.markerClusterGroup({
    maxClusterRadius: 56,
    showCoverageOnHover: false,
    spiderLegPolylineOptions: { color: "#55607a", weight: 1 },
    animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    iconCreateFunction: (cluster) => drawRing(look, cluster.getAllChildMarkers()),
  });
  return rings.addLayer(shapes);
}

/** The pattern of a feature's class, where the legend has one: colours alone are not for every eye. */
function fillOf(look: Look, feature?: GeoJSON.Feature): string | undefined {
  const id = `fill-${String(feature?.properties?.[look.by ?? ""] ?? "")}`;
  return document.getElementById(id) ? `url(#${id})` : undefined;
}

function styleOf(look: Look, feature?: GeoJSON.Feature): L.PathOptions {
  const isSurface = feature?.geometry.type.endsWith("Polygon") ?? false;
  const colour = colourOf(look, feature);
  const [weight, dashArray] = look.lines[String(feature?.properties?.[look.by ?? ""] ?? "")] ?? [look.line_width_px, ""];
  return { color: look.edge ?? colour, weight, dashArray, fill: isSurface, fillColor: fillOf(look, feature) ?? colour, fillOpacity: isSurface ? look.fill_opacity : 0, lineJoin: "round" };
}

function drawPoint(look: Look, feature: GeoJSON.Feature, place: L.LatLng): L.Marker {
  const side = look.radius_px * 2 + 4;
  const reach = Math.max(side, 28); // what a finger hits; the dot stands in its middle
  const example = feature.properties?.example ? " example" : "";
  const icon = L.divIcon({ className: `dot-pin${example}`, iconSize: [reach, reach] });
  const marker = L.marker(place, { icon, title: nameOf(feature, words, look), riseOnHover: true });
  marker.on("add", () => {
    marker.getElement()?.style.setProperty("--group", colourOf(look, feature));
    marker.getElement()?.style.setProperty("--dot", `${side}px`);
  });
  return marker;
}

function furnishFeature(look: Look, feature: GeoJSON.Feature, layer: L.Layer): void {
  const name = nameOf(feature, words, look);
  layer.bindPopup(() => describe(feature, words, look), { maxWidth: 300, minWidth: 200, autoPanPadding: [16, 16] });
  layer.on("add", () => makeReachable(layer, name));
  if (!(layer instanceof L.Path)) return;
  layer.bindTooltip(document.createTextNode(name) as unknown as HTMLElement, { sticky: true });
  const plain = () => layer.setStyle(styleOf(look, feature));
  const lit = () => layer.setStyle({ weight: (styleOf(look, feature).weight ?? look.line_width_px) + 2, fillOpacity: look.fill_opacity ? look.fill_opacity + 0.16 : 0 });
  layer.on({ mouseover: lit, mouseout: plain, popupopen: () => (lit(), layer.closeTooltip()), popupclose: plain });
}

/** Tab reaches every feature, Enter opens what it says. */
function makeReachable(layer: L.Layer, name: string): void {
  const element = (layer as L.Path | L.Marker).getElement?.() as HTMLElement | undefined;
  if (!element) return;
  element.tabIndex = 0;
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", name);
  if (layer instanceof L.Path) {
    element.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), layer.openPopup()));
  }
}

function drawRing(look: Look, markers: L.Marker[]): L.DivIcon {
  const round = 2 * Math.PI * 18;
  const counts = new Map<string, number>();
  for (const marker of markers) {
    const colour = colourOf(look, marker.feature);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  let start = 0;
  const arcs = [...counts].map(([colour, count]) => {
    const length = (count / markers.length) * round;
    const arc = `<circle cx="22" cy="22" r="18" stroke="${colour}" stroke-dasharray="${length} ${round}" stroke-dashoffset="${-start}"/>`;
    start += length;
    return arc;
  });
  const html = `<svg viewBox="0 0 44 44" aria-hidden="true"><circle class="ground" cx="22" cy="22" r="20"/>${arcs.join("")}</svg><span>${markers.length}</span>`;
  return L.divIcon({ className: "ring", html, iconSize: [44, 44] });
}

/** The map's tools and first view, in the reader's words. */
function furnish(map: L.Map): void {
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.getContainer().setAttribute("aria-label", words.title);
  map.getContainer().setAttribute("role", "region");
  const found = L.geoJSON(features).getBounds();
  map.fitBounds(found.isValid() ? found : REGION, { padding: [16, 16], maxZoom: 16, animate: false });
  let opener: Element | null = null;
  map.on("popupopen", ({ popup }) => {
    opener = document.activeElement;
    const box = popup.getElement();
    box?.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", words.close);
    box?.querySelector<HTMLElement>(".said")?.focus({ preventScroll: true });
  });
  map.on("popupclose", () => opener instanceof HTMLElement || opener instanceof SVGElement ? opener.focus({ preventScroll: true }) : undefined);
  document.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
  if (innerWidth < 600) document.querySelector(".map-legend")?.removeAttribute("open");
  document.documentElement.dataset.map = "ready";
}

Object.assign(window, { quartier: { drawFeatures, furnish, drawGround: (map: L.Map) => drawGround(map, words), labelAreas: (look: Look) => labelAreas(features, (feature) => nameOf(feature, words, look)) } });
