import PowerDelivery
import Quantities
import Testing
import XiaomiCharge

/// A phone alone, told event by event.
@Suite("Phone") struct PhoneTests {
  private struct Told {
    var phone: XiaomiPhone
    var now = Instant.zero
    var actions: [XiaomiPhoneAction] = []

    init(_ profile: XiaomiPhoneProfile) { phone = XiaomiPhone(profile, battery: Millivolts(3_800)) }

    mutating func tell(_ events: XiaomiPhoneEvent...) {
      for event in events {
        phone.handle(event, at: now)
        while let action = phone.nextAction() { actions.append(action) }
      }
    }

    /// Up to the first command.
    mutating func begin() {
      tell(
        .contract(.revision3, .downstreamFacing), .identity(XiaomiWords([0x2717, 0, 0xA819])),
        .svids(XiaomiWords([0x2717_0000])))
    }

    mutating func answer(_ words: [UInt32]) { tell(.received(ShortMessage(words: words))) }

    var sent: [UInt32] {
      actions.compactMap { if case .send(let message) = $0 { message.object(0) & 0xFF } else { nil } }
    }
  }

  private static let session = XiaomiSession(seed: .zero, challenge: XiaomiOctets(1, 2, 3, 4))

  @Test("Without AUTHENTICATION it claims nothing and takes what everybody gets") func noProof() {
    var profile = XiaomiPhoneProfile()
    profile.commands = XiaomiCommandOrder(rawValue: 0x1_4687)
    var told = Told(profile)
    told.begin()
    told.answer([0x2717_0201, 1])
    told.tell(.session(Self.session))
    told.answer([0x2717_0204])
    // Neither VERIFIED nor REVERSE_AUTHEN: there is nothing that they could say.
    told.answer([0x2717_0207, 1])
    #expect(told.sent == [1, 4, 7])
    let plan = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_000)))
    told.tell(.capabilities(plan.mutual.objects))
    guard case .choose(let choice)? = told.actions.last else {
      Issue.record("no choice")
      return
    }
    #expect(choice.position == 5 && !told.phone.isVerified)
  }

  @Test("Another command's answer, and another question's digest, do not count") func foreignAnswers() {
    var told = Told(.qualcomm)
    told.begin()
    told.answer([0x2717_0202, 1])
    #expect(told.sent == [1])
    for command in [1, 2, 3] as [UInt32] { told.answer([0x2717_0200 | command, 1]) }
    told.tell(.session(Self.session))
    told.answer([0x2717_0204])
    #expect(told.sent == [1, 2, 3, 4, 5])
    let foreign = XiaomiDigestQuestion(
      seed: .zero, challenge: .zero, adapterID: XiaomiAdapterID(rawValue: 0xA819))
    let proof = XiaomiOctets(5, 6, 7, 8)
    told.tell(.digest(foreign, XiaomiDigest(chargerProof: proof, phoneProof: .zero)))
    told.answer([0x2717_0205, 5, 6, 7, 8])
    #expect(told.phone.state == .comparing && !told.phone.isVerified)
    let own = XiaomiDigestQuestion(
      seed: .zero, challenge: Self.session.challenge, adapterID: XiaomiAdapterID(rawValue: 0xA819))
    told.tell(.digest(own, XiaomiDigest(chargerProof: proof, phoneProof: .zero)))
    #expect(told.phone.isVerified && told.sent == [1, 2, 3, 4, 5, 6])
  }

  @Test("The data role taken away in the middle ends the dialogue") func roleLost() {
    var told = Told(.qualcomm)
    told.begin()
    told.tell(.dataRole(.upstreamFacing))
    #expect(told.actions.last == .notify(.failed(.roleLost)))
    #expect(told.phone.state == .waitingForFallback)
  }

  @Test("A choice that is rejected three times is given up") func rejected() {
    var told = Told(.communityTester)
    told.begin()
    for command in [1, 3, 4, 5, 6, 8, 7] as [UInt32] { told.answer([0x2717_0200 | command, 1]) }
    let plan = XiaomiCapabilityPlan(.watts67, cable: .captive(Milliamperes(6_200)))
    for _ in 0..<2 {
      told.tell(.capabilities(plan.verified.objects), .choiceRejected)
      #expect(told.phone.state == .readingCapabilities)
    }
    told.tell(.capabilities(plan.verified.objects), .choiceRejected)
    #expect(told.actions.contains(.notify(.failed(.choiceRejected))))
    #expect(told.phone.state == .fallback)
  }

  @Test("Three rejections in a row are enough; a contract between them is not forgotten")
  func rejections() {
    func phone(contractAfter: Int?) -> XiaomiPhone {
      var phone = XiaomiPhone(.communityTester, battery: Millivolts(3_800))
      let list = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_200))).standard.objects
      var now = Instant.zero
      func feed(_ event: XiaomiPhoneEvent) {
        now = now + Nanoseconds(1_000_000)
        phone.handle(event, at: now)
        while phone.nextAction() != nil {}
      }
      feed(.contract(.revision3, .downstreamFacing))
      feed(.identity(XiaomiWords([0x05C0_2717, 0, 1])))
      feed(.svids(XiaomiWords([0x2717_0000])))
      while phone.state == .commanding {
        feed(.received(ShortMessage(words: [0x2717_0200, 1])))
      }
      feed(.capabilities(list))
      for count in 1...3 {
        feed(.choiceRejected)
        feed(.capabilities(list))
        if count == contractAfter { feed(.contract(.revision3, .downstreamFacing)) }
      }
      return phone
    }
    #expect(phone(contractAfter: nil).state != .charging)
    #expect(phone(contractAfter: 2).state == .charging)
  }
}
