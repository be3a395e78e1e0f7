package eigrp

// interfaceCounters count what went out on an interface.
type interfaceCounters struct {
	hellos, unicasts, multicasts, conditional, resent uint64
}

// Traffic counts the packets of the process.
type Traffic struct {
	Sent, Received [opcodes]uint64 // by Opcode; Hellos without acknowledgments
	AcksSent       uint64
	AcksReceived   uint64
	Malformed      uint64
	Refused        uint64 // not authentic, or not of the subnet
}

func (t *Traffic) sent(m *Message) {
	if m.acknowledgment() {
		t.AcksSent++
		return
	}
	t.Sent[m.Op]++
}

func (t *Traffic) received(m *Message) {
	if m.acknowledgment() {
		t.AcksReceived++
		return
	}
	t.Received[m.Op]++
}
