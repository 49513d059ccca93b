import L from "leaflet";

/** Pixels that a surface must be wide for its name to stand in it. */
const ROOM_PX = 96;

/** Names on surfaces that are large enough on the screen to hold them. */
export function labelAreas(features: GeoJSON.FeatureCollection, nameOf: (feature: GeoJSON.Feature) => string): L.LayerGroup {
  const group = L.layerGroup();
  const areas = features.features.filter((each) => each.geometry?.type.endsWith("Polygon")).map((each) => ({ bounds: L.geoJSON(each).getBounds(), marker: label(each, nameOf(each)) }));
  const fit = (map: L.Map) => {
    for (const { bounds, marker } of areas) {
      const width = map.latLngToLayerPoint(bounds.getNorthEast()).x - map.latLngToLayerPoint(bounds.getSouthWest()).x;
      if (width >= ROOM_PX) group.addLayer(marker);
      else group.removeLayer(marker);
    }
  };
  group.on("add", () => {
    const map = (group as unknown as { _map: L.Map })._map;
    fit(map);
    map.on("zoomend", () => fit(map));
  });
  return group;
}

function label(feature: GeoJSON.Feature, name: string): L.Marker {
  const html = Object.assign(document.createElement("span"), { textContent: name });
  const icon = L.divIcon({ className: "place-name", html, iconSize: [ROOM_PX, 0] });
  return L.marker(middle(feature.geometry), { icon, interactive: false, keyboard: false });
}

/** The centre of the largest ring: good enough for a name. */
function middle(geometry: GeoJSON.Geometry): L.LatLng {
  const rings = geometry.type === "MultiPolygon" ? geometry.coordinates.map((polygon) => polygon[0]!) : geometry.type === "Polygon" ? [geometry.coordinates[0]!] : [];
  const largest = rings.reduce((a, b) => (a.length >= b.length ? a : b), []);
  let [area, x, y] = [0, 0, 0];
  largest.slice(1).forEach((here, index) => {
    const before = largest[index]!;
    const cross = before[0]! * here[1]! - here[0]! * before[1]!;
    area += cross;
    x += (before[0]! + here[0]!) * cross;
    y += (before[1]! + here[1]!) * cross;
  });
  return L.latLng(y / (3 * area), x / (3 * area));
}
