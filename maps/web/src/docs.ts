import "swagger-ui-dist/swagger-ui.css";
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const place = document.getElementById("swagger");
if (place) SwaggerUI({ url: place.dataset.url, domNode: place, deepLinking: true, validatorUrl: null });
