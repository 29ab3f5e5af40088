// Event routing on the store: topics keep what was published, subscriptions say who is to have it, and deliveries,
// by push and by pull, go on until each matched event was taken or lies among the dead letters.
//
// This target knows nothing of Cosmos DB's wire: its HTTP face is the event services' own.
