// OrreryCosmos speaks Cosmos DB's REST contract: it reads links, signatures and headers, calls OrreryDatabase, and
// writes status codes, headers, error bodies and continuation tokens. `CosmosService` is where a request comes in;
// `Route.table` lists every operation it knows.
//
// It knows nothing of LMDB, of files, of sockets, or of how a document is stored.
