import "../styles/site.css";
import { AutosaveForm } from "./autosave";
import { startFinder } from "./finder";
import { startForms } from "./form";
import { PlaceBox } from "./place-box";
import { PlacePicker } from "./place-search";
import { ServiceMap } from "./service-map";
import { startSharing } from "./share";
import { WhereField } from "./where";

customElements.define("place-box", PlaceBox);
customElements.define("service-map", ServiceMap);
customElements.define("place-picker", PlacePicker);
customElements.define("where-field", WhereField);
customElements.define("autosave-form", AutosaveForm);
startFinder();
startForms();
startSharing();
