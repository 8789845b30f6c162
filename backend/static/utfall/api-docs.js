// Shows the API's schema. In a file of its own, since the site's policy runs no script that stands in a page.
const place = document.getElementById("api");
SwaggerUIBundle({ domNode: place, url: place.dataset.schema, deepLinking: true, tryItOutEnabled: false, validatorUrl: null });
