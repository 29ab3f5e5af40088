// OrreryDatabase is the embedded product: databases, containers, items, queries, scripts and users, with every rule
// the service has for them. `Account` is where to start.
//
// It knows nothing of HTTP, of headers, or of the texts of tokens.
