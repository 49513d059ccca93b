import L from "leaflet";
import { nameOf, readBlock, type Words } from "./folium-popup";

/** What draws a kind of ground: the style sheet's colour, and the width of its line at zoom 11 and 17. */
const KINDS: Record<string, [colour: string, near: number, far: number]> = {
  wood: ["map-park", 0, 0],
  park: ["map-park", 0, 0],
  cemetery: ["map-park", 0, 0],
  water: ["map-water", 2, 6],
  canal: ["map-water", 2, 10],
  river: ["map-water", 1, 4],
  rail: ["map-rail", 0.8, 2],
  "rail-tunnel": ["map-rail", 0.8, 2],
  metro: ["map-rail", 0.8, 2],
  minor: ["map-road", 0.6, 9],
  tertiary: ["map-road", 1, 12],
  secondary: ["map-road", 1.4, 14],
  primary: ["map-road", 2, 17],
  motorway: ["map-road", 2.2, 18],
  quartier: ["map-limit", 1, 1.5],
};
const ORDER = Object.keys(KINDS);

/** From this zoom on there is room for minor streets and the names of stations. */
const NEAR_ZOOM = 14;

/** Parks, water, railways, streets, limits and stations, pale, under everything else. */
export function drawGround(map: L.Map, words: Words): L.LayerGroup {
  const found = ["ground", "limits"].flatMap((id) => readBlock<GeoJSON.FeatureCollection>(id).features);
  const shown = found.filter((feature) => kindOf(feature) in KINDS);
  shown.sort((a, b) => ORDER.indexOf(kindOf(a)) - ORDER.indexOf(kindOf(b)));
  map.createPane("ground").style.zIndex = "210";
  map.createPane("streets").style.zIndex = "205";
  const shapes = [paler(map, "ground", shown), paler(map, "streets", [])] as const;
  const restyle = () => shapes.forEach((each) => each.setStyle((feature) => styleOf(feature!, map.getZoom())));
  map.on("zoomend", restyle);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  if (words.streets) fetchStreets(map, shapes[1], words.streets);
  return L.layerGroup([...shapes, nameStations(map, found, words)]);
}

function paler(map: L.Map, pane: string, features: GeoJSON.Feature[]): L.GeoJSON {
  return L.geoJSON({ type: "FeatureCollection", features } as GeoJSON.FeatureCollection, {
    pane,
    interactive: false,
    renderer: L.canvas({ pane, padding: 0.3 }),
    style: (feature) => styleOf(feature!, map.getZoom()),
  } as L.GeoJSONOptions);
}

/** Minor streets are many: the server gives those in view. A page without a server holds them all. */
function fetchStreets(map: L.Map, streets: L.GeoJSON, address: string): void {
  let held: L.LatLngBounds | undefined;
  map.on("moveend", async () => {
    if (map.getZoom() < NEAR_ZOOM || held?.contains(map.getBounds())) return;
    const wanted = (held = map.getBounds().pad(0.4));
    const answer = await fetch(`${address}&bbox=${wanted.toBBoxString()}`);
    if (!answer.ok || wanted !== held) return;
    streets.clearLayers();
    streets.addData((await answer.json()) as GeoJSON.FeatureCollection);
  });
}

function nameStations(map: L.Map, found: GeoJSON.Feature[], words: Words): L.LayerGroup {
  const names = found
    .filter((feature) => kindOf(feature).endsWith("-station"))
    .map((feature) => {
      const html = Object.assign(document.createElement("span"), { textContent: nameOf(feature, words) });
      const [lon, lat] = (feature.geometry as GeoJSON.Point).coordinates as [number, number];
      const icon = L.divIcon({ className: "place-name station", html, iconSize: [110, 0] });
      return L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "ground" });
    });
  const group = L.layerGroup();
  const show = () => names.forEach((name) => (map.getZoom() >= NEAR_ZOOM ? group.addLayer(name) : group.removeLayer(name)));
  map.on("zoomend", show);
  return group;
}

function kindOf(feature: GeoJSON.Feature): string {
  return String(feature.properties?.kind);
}

function styleOf(feature: GeoJSON.Feature, zoom: number): L.PathOptions {
  const [name, near, far] = KINDS[kindOf(feature)]!;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const isSurface = feature.geometry.type.endsWith("Polygon") && kindOf(feature) !== "quartier";
  const grown = Math.min(Math.max((1.6 ** (zoom - 11) - 1) / (1.6 ** 6 - 1), 0), 1);
  if (kindOf(feature) === "minor" && zoom < NEAR_ZOOM - 1) return { stroke: false, fill: false };
  const dash = kindOf(feature) === "rail-tunnel" ? "3 3" : undefined;
  return { color: colour, weight: near + (far - near) * grown, stroke: !isSurface, fill: isSurface, fillColor: colour, fillOpacity: 1, opacity: 1, dashArray: dash };
}
