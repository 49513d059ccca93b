import L from "leaflet";

// folium writes classic Leaflet code, and the cluster plugin expects Leaflet under its global name.
Object.assign(window, { L });
