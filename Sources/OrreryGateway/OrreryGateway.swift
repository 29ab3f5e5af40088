// OrreryGateway: the front door. Products, subscriptions and their keys; APIs and the policies that a call passes on
// its way in and out; where it leads to. It knows nothing of storage: what it keeps and whom it asks it is given.
