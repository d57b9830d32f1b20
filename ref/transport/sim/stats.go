package sim

import "fmt"

// Stats counts messages since the beginning. Datagrams and the messages of streams are both messages; what opens and ends streams is not
// counted. Sent + Duplicated = Delivered + Lost + Congested + Partitioned + Broken + what is under way.
type Stats struct {
	Sent        uint64 // handed over by senders
	Delivered   uint64 // handed over to receivers
	Duplicated  uint64 // second copies
	Lost        uint64 // by chance
	Congested   uint64 // lost because too much waited for the path's rate
	Partitioned uint64 // datagrams lost because no path led there
	Broken      uint64 // lost with the stream that was broken
	Corrupted   uint64 // delivered or under way with a bit flipped
	Reordered   uint64 // datagrams delivered after one that was sent later
}

// String tells the counts in one line.
func (s Stats) String() string {
	return fmt.Sprintf("%d sent, %d delivered, %d duplicated, %d lost, %d congested, %d partitioned, %d broken, %d corrupted, %d reordered",
		s.Sent, s.Delivered, s.Duplicated, s.Lost, s.Congested, s.Partitioned, s.Broken, s.Corrupted, s.Reordered)
}
