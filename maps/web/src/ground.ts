import type { ExpressionSpecification, FilterSpecification, LayerSpecification, LineLayerSpecification, StyleSpecification } from "maplibre-gl";

/** The colours of the map are those of the style sheet, so that light and dark stand in one file. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const EXACT_FROM = 14;
const ZONE_LAYERS = { quartier: "quartiers", bassin: "bassins", commune: "communes", region: "region" } as const;
const tiles = (layer: string, maxzoom: number) => ({
  type: "vector" as const,
  tiles: [`${location.origin}/ogc/collections/${layer}/tiles/WebMercatorQuad/{z}/{y}/{x}`],
  maxzoom,
});

const kinds = (...names: string[]): ExpressionSpecification => ["in", ["get", "kind"], ["literal", names]];
const road = (id: string, kind: string[], minzoom: number, width: [number, number]): LayerSpecification => ({
  id,
  type: "line",
  source: "orientation",
  "source-layer": "orientation",
  minzoom,
  filter: kinds(...kind),
  layout: { "line-cap": "round", "line-join": "round" },
  paint: { "line-color": colour("map-road"), "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 11, width[0], 17, width[1]] },
});
const area = (id: string, kind: string[], fill: string): LayerSpecification => ({
  id,
  type: "fill",
  source: "orientation",
  "source-layer": "orientation",
  filter: ["all", kinds(...kind), ["==", ["geometry-type"], "Polygon"]],
  paint: { "fill-color": fill },
});
const line = (id: string, kind: string[], stroke: string, width: number, dash?: number[]): LayerSpecification => ({
  id,
  type: "line",
  source: "orientation",
  "source-layer": "orientation",
  filter: ["all", kinds(...kind), ["==", ["geometry-type"], "LineString"]],
  layout: { "line-cap": "round", "line-join": "round" },
  paint: { "line-color": stroke, "line-width": ["interpolate", ["linear"], ["zoom"], 10, width / 2, 16, width * 2], ...(dash && { "line-dasharray": dash }) },
});

/** Streets as they lie, of the network in use: they take the place of the generalised minor ones. */
function streets(): LayerSpecification[] {
  if (!("streets" in document.body.dataset)) return [road("minor", ["minor"], 13, [0.6, 9])];
  const from = { source: "streets", "source-layer": "streets" };
  const width = (zoom: number, least: number, most: number): ExpressionSpecification => ["interpolate", ["exponential", 1.6], ["zoom"], zoom, least, 17, most];
  const paths: ExpressionSpecification = ["in", ["get", "highway"], ["literal", ["footway", "path", "steps", "track", "bridleway", "corridor"]]];
  const round = { "line-cap": "round", "line-join": "round" } as const;
  return [
    { ...(road("minor", ["minor"], 13, [0.6, 9]) as LineLayerSpecification), maxzoom: EXACT_FROM },
    { id: "paths", type: "line", ...from, minzoom: EXACT_FROM, filter: paths, paint: { "line-color": colour("map-road"), "line-width": width(EXACT_FROM, 0.6, 3), "line-dasharray": [2, 1] } },
    { id: "lanes", type: "line", ...from, minzoom: EXACT_FROM, filter: ["!", paths], layout: round, paint: { "line-color": colour("map-road"), "line-width": width(EXACT_FROM, 1.4, 9) } },
  ];
}

/** The pale ground: parks, water, rail, streets, limits; names are images made on the spot (see labels.ts). */
export function groundStyle(background: string | undefined, lang: string): StyleSpecification {
  const name = lang === "nl" ? "name_nl" : "name_fr";
  const other = lang === "nl" ? "name_fr" : "name_nl";
  return {
    version: 8,
    sources: {
      orientation: tiles("orientation", 16),
      streets: tiles("streets", 15),
      ...Object.fromEntries(Object.values(ZONE_LAYERS).map((layer) => [layer, tiles(layer, 15)])),
      names: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      ...(background && { background: { type: "raster", tiles: [background], tileSize: 256 } }),
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": colour("map-ground") } },
      area("parks", ["park", "wood", "cemetery"], colour("map-park")),
      area("water", ["water", "canal", "river"], colour("map-water")),
      line("rivers", ["canal", "river", "water"], colour("map-water"), 3),
      line("rails", ["rail", "metro"], colour("map-rail"), 1),
      line("tunnels", ["rail-tunnel"], colour("map-rail"), 1, [2, 2]),
      ...streets(),
      road("streets", ["tertiary", "secondary"], 11, [1.1, 13]),
      road("avenues", ["primary", "motorway"], 9, [2, 17]),
      ...(background ? [{ id: "background", type: "raster" as const, source: "background" }] : []),
      { id: "limits", type: "line", source: "quartiers", "source-layer": "quartiers", paint: { "line-color": colour("map-limit"), "line-width": 1 } },
      ...Object.entries(ZONE_LAYERS).flatMap(([kind, layer]) => focus(kind, layer)),
      {
        id: "names",
        type: "symbol",
        source: "names",
        minzoom: 12.2,
        layout: { "icon-image": ["concat", "zone:", ["get", "name"]], "icon-padding": 8 },
      },
      {
        id: "stations",
        type: "symbol",
        source: "orientation",
        "source-layer": "orientation",
        minzoom: 13.5,
        filter: kinds("metro-station", "rail-station"),
        layout: { "icon-image": ["concat", "station:", ["coalesce", ["get", name], ["get", other], ""]], "icon-padding": 6 },
      },
    ],
  };
}

function focus(kind: string, layer: string): LayerSpecification[] {
  const nothing: FilterSpecification = ["==", ["get", "code"], ""];
  const from = { source: layer, "source-layer": layer, filter: nothing };
  return [
    { id: `focus-fill-${kind}`, type: "fill", ...from, paint: { "fill-color": colour("accent"), "fill-opacity": kind === "quartier" ? 0.08 : 0.03 } },
    { id: `focus-line-${kind}`, type: "line", ...from, layout: { "line-join": "round" }, paint: { "line-color": colour("accent"), "line-width": 2.5 } },
  ];
}

/** The layers that outline the reader's zone, each with the filter that picks it. */
export function focusFilters(zone: { kind: string; code: string } | null): [string, FilterSpecification][] {
  return Object.keys(ZONE_LAYERS).flatMap((kind): [string, FilterSpecification][] => {
    const filter: FilterSpecification = ["==", ["get", "code"], zone?.kind === kind ? zone.code : ""];
    return [[`focus-fill-${kind}`, filter], [`focus-line-${kind}`, filter]];
  });
}
