import L from "leaflet";
import { readBlock } from "./folium-popup";

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
};
const ORDER = Object.keys(KINDS);

/** Parks, water, railways and streets, pale, under everything else. */
export function drawGround(map: L.Map): L.GeoJSON {
  const found = readBlock<GeoJSON.FeatureCollection>("ground").features.filter((feature) => kindOf(feature) in KINDS);
  found.sort((a, b) => ORDER.indexOf(kindOf(a)) - ORDER.indexOf(kindOf(b)));
  map.createPane("ground").style.zIndex = "210";
  const shapes = L.geoJSON({ type: "FeatureCollection", features: found } as GeoJSON.FeatureCollection, {
    pane: "ground",
    interactive: false,
    renderer: L.canvas({ pane: "ground", padding: 0.3 }),
    style: (feature) => styleOf(feature!, map.getZoom()),
  } as L.GeoJSONOptions);
  const restyle = () => shapes.setStyle((feature) => styleOf(feature!, map.getZoom()));
  map.on("zoomend", restyle);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  return shapes;
}

function kindOf(feature: GeoJSON.Feature): string {
  return String(feature.properties?.kind);
}

function styleOf(feature: GeoJSON.Feature, zoom: number): L.PathOptions {
  const [name, near, far] = KINDS[kindOf(feature)]!;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const isSurface = feature.geometry.type.endsWith("Polygon");
  const grown = Math.min(Math.max((1.6 ** (zoom - 11) - 1) / (1.6 ** 6 - 1), 0), 1);
  const dash = kindOf(feature) === "rail-tunnel" ? "3 3" : undefined;
  return { color: colour, weight: near + (far - near) * grown, stroke: !isSurface, fill: isSurface, fillColor: colour, fillOpacity: 1, opacity: 1, dashArray: dash };
}
