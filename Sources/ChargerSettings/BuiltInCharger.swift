import Quantities

/// The charger that runs where no configuration is given: two ports in a car that share 60 W, with phones that come and
/// go.
public enum BuiltInCharger {
  public static var settings: ChargerSettings {
    var driver = port("driver")
    driver.visits = [
      PhoneVisit(
        phone: PhoneSettings(.pps), arrival: seconds(1), departure: seconds(60)),
      PhoneVisit(phone: PhoneSettings(.pd2), arrival: seconds(65)),
    ]
    var passenger = port("passenger")
    passenger.visits = [
      PhoneVisit(phone: PhoneSettings(.pd3), arrival: seconds(5), departure: seconds(40)),
      PhoneVisit(
        phone: PhoneSettings(.pd3, voltage: Millivolts(15_000), power: Milliwatts(45_000)),
        arrival: seconds(45)),
    ]
    return ChargerSettings(budget: Milliwatts(60_000), ports: [driver, passenger])
  }

  private static func port(_ name: String) -> PortSettings {
    var port = PortSettings(name: name, offer: StandardOffer.offer(pdp: Milliwatts(45_000)))
    port.minimum = Milliwatts(15_000)
    return port
  }

  private static func seconds(_ count: Int64) -> Nanoseconds { Nanoseconds(Milliseconds(count * 1_000)) }
}
