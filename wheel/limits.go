package wheel

// Limits bounds what reading one wheel may cost. The zero value holds the
// defaults, which no known wheel comes near.
type Limits struct {
	Unpacked int64 // bytes of all members together; 0: 64 MiB or 50 times the archive, whichever is larger
	Members  int   // 0: 200,000
}

const (
	defaultMembers  = 200_000
	defaultUnpacked = 64 << 20
	defaultRatio    = 50
)

func (l Limits) members() int {
	if l.Members > 0 {
		return l.Members
	}
	return defaultMembers
}

func (l Limits) unpacked(archive int64) int64 {
	if l.Unpacked > 0 {
		return l.Unpacked
	}
	return max(defaultUnpacked, defaultRatio*archive)
}
