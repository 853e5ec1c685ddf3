package screen

// Spoken is a screen in words, for whoever hears it line by line and sees nothing. What
// is in it may come from strangers: whoever says it escapes it.
type Spoken struct {
	Name  string // of the screen, and of the part of it that has the keys
	About string // how much there is on it, or how that is

	Key    string // what the cursor is on; another, and it is said again
	Item   string // that in words, with the names of its columns; "": it is on nothing
	At, Of int    // its place among the others, from 1 on; 0: it has none

	Field *SpokenField // that is typed into; nil: none is
	Text  []string     // what is there to be read; more at its end is said alone
	Going []Going      // what goes on
}

// SpokenField is a field that is typed into.
type SpokenField struct {
	Name  string // what it is of
	Value string
	Note  string   // how it is written, or where its value comes from
	Fits  []string // what it can be completed to
}

// Going is something that changes by itself: a fetch, a stage of a pod, a pod.
type Going struct {
	Key   string // the same as long as it is the same thing
	Words string
	Known bool // that it is so is no news where it is met: only a change is said
}

// Speaker is a screen that says what it shows. Row is one of the rows that Spoken.Of
// counts, from 0 on; Point puts the cursor on it, as moving there would.
type Speaker interface {
	Say() Spoken
	Row(i int) string
	Point(i int) Out
}
