extension Subscription {
    func decideDeliveries(_ state: inout State, _ work: inout Work, _ now: Int64) {}
    func deliver(_ entries: [DeliveryQueue.Entry]) {}
}
