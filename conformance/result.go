package conformance

// ResultsSchema names the version of the results JSON.
const ResultsSchema = "ockamtest/results/v1"

// Results are everything that a run found, the one source of every report.
type Results struct {
	Schema       string              `json:"schema"` // ResultsSchema
	Tool         ToolInfo            `json:"tool"`
	Peer         ResultPeer          `json:"peer"`
	Profile      string              `json:"profile"` // names, comma-separated
	Seed         uint64              `json:"seed"`
	Jobs         int                 `json:"jobs,omitempty"`    // cases at work at once
	Shard        *Shard              `json:"shard,omitempty"`   // nil of a run of all that was selected
	Partial      bool                `json:"partial,omitempty"` // interrupted or ended by --fail-fast
	Stopped      string              `json:"stopped,omitempty"` // why it is partial: StoppedInterrupted or StoppedFailFast
	Trouble      string              `json:"trouble,omitempty"` // why the peer could never be reached, in one group of cases at least
	DurationMS   int64               `json:"duration_ms"`
	Summary      map[Outcome]int     `json:"summary"` // every outcome, zero included
	Coverage     Coverage            `json:"coverage"`
	Results      []Result            `json:"results"`
	Requirements []RequirementResult `json:"requirements"`
	Expectations *Expectations       `json:"expectations,omitempty"` // nil unless there were any
	Catalogue    string              `json:"catalogue"`              // the version whose cases could be selected
}

// A Shard is the part of a run that is made here, of several that are made somewhere. Each case of a group is in one of them.
type Shard struct {
	Index int `json:"index"` // from 1
	Of    int `json:"of"`
	Cases int `json:"cases"` // results of cases to be run here, without controls that were not selected here
	All   int `json:"all"`   // the same in all shards
}

// Why results are partial.
const (
	StoppedInterrupted = "interrupted"
	StoppedFailFast    = "fail-fast"
)

// ToolInfo names the tool that made the results.
type ToolInfo struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// ResultPeer names the peer under test.
type ResultPeer struct {
	Name       string `json:"name"`
	Attachment string `json:"attachment"`
}

// Coverage counts the requirements of the catalogue by what stands behind them.
type Coverage struct {
	Requirements int `json:"requirements"`
	WithCase     int `json:"with_case"`
	WithReason   int `json:"with_reason"`
	Planned      int `json:"planned"`
}

// A Result is the outcome of one case in one role, transport, and profile.
type Result struct {
	Case         string      `json:"case"`
	Title        string      `json:"title"`
	Implied      bool        `json:"implied,omitempty"` // the positive control, run though it was not selected
	Role         Role        `json:"role"`
	Transport    Transport   `json:"transport"`
	Profile      string      `json:"profile"`
	Depth        int         `json:"depth,omitempty"`      // of a channel in a tunnel, 2 or more
	Parameters   *Parameters `json:"parameters,omitempty"` // those that the case admits here; of a failure the fewest that it takes
	Requirements []string    `json:"requirements"`
	Since        string      `json:"since"`
	Level        Level       `json:"level"`
	Outcome      Outcome     `json:"outcome"`
	Requirement  string      `json:"requirement,omitempty"` // the one that is not met
	Expected     string      `json:"expected,omitempty"`
	Actual       string      `json:"actual,omitempty"`
	Class        Class       `json:"class,omitempty"` // of a failure, also one that is excused
	Reason       string      `json:"reason,omitempty"`
	Transcript   []Entry     `json:"transcript,omitempty"` // unless passed
	Rerun        string      `json:"rerun"`
	DurationMS   int64       `json:"duration_ms"`
}

// Directions of a transcript entry, seen from the kit.
const (
	DirSend    = "send"
	DirReceive = "receive"
	DirEvent   = "event"
)

// An Entry is one line of a transcript.
type Entry struct {
	AtMicros  int64  `json:"at_us"`          // since the case began
	Link      int    `json:"link"`           // 1 is the first link of the case
	Direction string `json:"dir"`            // DirSend, DirReceive, DirEvent; links of 0 are events of the case
	Hex       string `json:"hex,omitempty"`  // bytes, shortened in the middle beyond 512
	Length    int    `json:"len,omitempty"`  // bytes, before shortening
	Text      string `json:"text,omitempty"` // decoded, or what happened
}

// A RequirementResult is the status of one requirement over all results.
type RequirementResult struct {
	ID      string   `json:"id"`
	Level   Level    `json:"level"`
	Section string   `json:"section"`
	Text    string   `json:"text"`
	Status  string   `json:"status"` // an Outcome, "no-case", or "planned"
	Reason  string   `json:"reason,omitempty"`
	Cases   []string `json:"cases"`
}
