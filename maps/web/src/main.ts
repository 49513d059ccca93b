import "../styles/site.css";
import { startFinder } from "./finder";
import { PlaceBox } from "./place-box";
import { ServiceMap } from "./service-map";
import { startSharing } from "./share";

customElements.define("place-box", PlaceBox);
customElements.define("service-map", ServiceMap);
startFinder();
startSharing();
