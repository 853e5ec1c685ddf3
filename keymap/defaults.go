package keymap

import "charm.land/bubbles/v2/key"

// The scopes, by the words that the help puts over them.
const (
	Everywhere Scope = "everywhere"
	List       Scope = "moving"
	Images     Scope = "images"
	Offer      Scope = "what can be fetched"
	Inside     Scope = "a repository"
	Search     Scope = "while searching"
	Fetches    Scope = "fetches"
	Compose    Scope = "compose"
	Shelf      Scope = "what was composed before"
	Written    Scope = "a pod in other words"
	Watch      Scope = "watch"
	Pods       Scope = "pods"
	Pod        Scope = "a pod"
	PodPage    Scope = "a pod's page"
	Trust      Scope = "trust"
	TrustFor   Scope = "a key's images"
	Review     Scope = "an unknown key"
	Edit       Scope = "while typing"
	Palette    Scope = "commands"
	Dialog     Scope = "questions"
)

// All actions there are.
const (
	GoImages  Action = "go.images"
	GoCompose Action = "go.compose"
	GoPods    Action = "go.pods"
	GoTrust   Action = "go.trust"
	Help      Action = "help"
	Find      Action = "find"
	Back      Action = "back"
	Quit      Action = "quit"
	Cancel    Action = "cancel"
	Suspend   Action = "suspend"
	Redraw    Action = "redraw"
	Mouse     Action = "mouse"
	Theme     Action = "theme"

	Up       Action = "up"
	Down     Action = "down"
	PageUp   Action = "page.up"
	PageDown Action = "page.down"
	Home     Action = "home"
	End      Action = "end"

	ImagesFilter  Action = "images.filter"
	ImagesAdd     Action = "images.add"
	ImagesMark    Action = "images.mark"
	ImagesMarkAll Action = "images.mark-all"
	ImagesInvert  Action = "images.invert"
	ImagesChoose  Action = "images.choose"
	ImagesInspect Action = "images.inspect"
	ImagesSort    Action = "images.sort"
	ImagesReverse Action = "images.reverse"
	ImagesRemove  Action = "images.remove"
	ImagesFetches Action = "images.fetches"
	ImagesDemo    Action = "images.demo"

	ImagesShelf Action = "images.shelf"

	OfferFetch Action = "offer.fetch"
	OfferInto  Action = "offer.into-pod"
	OfferTags  Action = "offer.tags"

	SearchComplete Action = "search.complete"

	FetchesOpen   Action = "fetches.open"
	FetchesStop   Action = "fetches.stop"
	FetchesAgain  Action = "fetches.again"
	FetchesSearch Action = "fetches.search"
	FetchesRemove Action = "fetches.remove"
	FetchesLeave  Action = "fetches.leave"

	FetchesReview     Action = "fetches.review"
	FetchesUnverified Action = "fetches.unverified"

	ComposeEdit    Action = "compose.edit"
	ComposeRun     Action = "compose.run"
	ComposeAddApp  Action = "compose.add-app"
	ComposeRemove  Action = "compose.remove"
	ComposeReset   Action = "compose.reset"
	ComposeToggle  Action = "compose.toggle"
	ComposeNetwork Action = "compose.network"
	ComposeUndo    Action = "compose.undo"
	ComposeRedo    Action = "compose.redo"
	ComposeProblem Action = "compose.problem"
	ComposeLine    Action = "compose.line"
	ComposeMake    Action = "compose.make"
	ComposeOther   Action = "compose.other-side"
	ComposeLeft    Action = "compose.left"
	ComposeRight   Action = "compose.right"
	ComposeEarlier Action = "compose.earlier"
	ComposeLater   Action = "compose.later"
	ComposeNew     Action = "compose.new"
	ComposeShelf   Action = "compose.shelf"
	ComposeSave    Action = "compose.save"
	ComposePaste   Action = "compose.paste"

	ComposeChanged   Action = "compose.changed"
	ComposeResetApp  Action = "compose.reset-app"
	ComposeDuplicate Action = "compose.duplicate"

	ComposeAddHere     Action = "compose.add-here"
	ComposeSecret      Action = "compose.secret"
	ComposeShowSecrets Action = "compose.show-secrets"

	ShelfOpen      Action = "shelf.open"
	ShelfRun       Action = "shelf.run"
	ShelfDuplicate Action = "shelf.duplicate"
	ShelfRename    Action = "shelf.rename"
	ShelfRemove    Action = "shelf.remove"
	ShelfFilter    Action = "shelf.filter"

	WrittenNext Action = "written.next"
	WrittenPrev Action = "written.previous"
	WrittenCopy Action = "written.copy"
	WrittenSave Action = "written.save"

	WatchStop    Action = "watch.stop"
	WatchRun     Action = "watch.run"
	WatchForm    Action = "watch.form"
	WatchWrap    Action = "watch.wrap"
	WatchTimes   Action = "watch.times"
	WatchNextApp Action = "watch.next-app"
	WatchPrevApp Action = "watch.previous-app"
	WatchSearch  Action = "watch.search"
	WatchNext    Action = "watch.next-match"
	WatchPrev    Action = "watch.previous-match"
	WatchSince   Action = "watch.since"
	WatchSave    Action = "watch.save"
	WatchRemove  Action = "watch.remove"
	WatchSplit   Action = "watch.split"
	WatchOnward  Action = "watch.next-pod"
	WatchBefore  Action = "watch.previous-pod"
	WatchCopy    Action = "watch.copy"

	WatchReview     Action = "watch.review"
	WatchUnverified Action = "watch.unverified"

	PodsOpen    Action = "pods.open"
	PodsMark    Action = "pods.mark"
	PodsPeek    Action = "pods.peek"
	PodsMarkAll Action = "pods.mark-all"
	PodsInvert  Action = "pods.invert"
	PodsFilter  Action = "pods.filter"
	PodsSort    Action = "pods.sort"
	PodsReverse Action = "pods.reverse"
	PodsStop    Action = "pods.stop"
	PodsKill    Action = "pods.kill"
	PodsRun     Action = "pods.run"
	PodsRemove  Action = "pods.remove"
	PodsCollect Action = "pods.collect"

	PodInspect Action = "pod.inspect"
	PodAttach  Action = "pod.attach"
	PodEnter   Action = "pod.enter"
	PodEdit    Action = "pod.edit"
	PodAgain   Action = "pod.again"

	PageLogs   Action = "page.logs"
	PageStop   Action = "page.stop"
	PageKill   Action = "page.kill"
	PageRun    Action = "page.run"
	PageRemove Action = "page.remove"
	PageNext   Action = "page.next"
	PagePrev   Action = "page.previous"
	PageCopy   Action = "page.copy"

	TrustInspect  Action = "trust.inspect"
	TrustAdd      Action = "trust.add"
	TrustRemove   Action = "trust.remove"
	TrustFilter   Action = "trust.filter"
	TrustSort     Action = "trust.sort"
	TrustReverse  Action = "trust.reverse"
	TrustMark     Action = "trust.mark"
	TrustMarkAll  Action = "trust.mark-all"
	TrustInvert   Action = "trust.invert"
	TrustWarnings Action = "trust.warnings"
	TrustForAll   Action = "trust.for-all"

	ReviewNarrower Action = "review.narrower"
	ReviewWider    Action = "review.wider"
	ReviewTrust    Action = "review.trust"
	ReviewOnce     Action = "review.once"
	ReviewRefuse   Action = "review.refuse"
	ReviewAnother  Action = "review.another"
	ReviewOther    Action = "review.other"
	ReviewLeft     Action = "review.left"
	ReviewRight    Action = "review.right"
	ReviewTake     Action = "review.take"

	EditAccept    Action = "edit.accept"
	EditCancel    Action = "edit.cancel"
	EditNext      Action = "edit.next"
	EditPrev      Action = "edit.previous"
	EditUp        Action = "edit.up"
	EditDown      Action = "edit.down"
	EditReset     Action = "edit.reset"
	EditLeft      Action = "edit.left"
	EditRight     Action = "edit.right"
	EditWordLeft  Action = "edit.word-left"
	EditWordRight Action = "edit.word-right"
	EditHome      Action = "edit.home"
	EditEnd       Action = "edit.end"
	EditBackspace Action = "edit.backspace"
	EditDelete    Action = "edit.delete"
	EditWordBack  Action = "edit.word-back"
	EditToStart   Action = "edit.to-start"
	EditToEnd     Action = "edit.to-end"

	PaletteTake     Action = "palette.take"
	PaletteComplete Action = "palette.complete"

	DialogOther Action = "dialog.other"
	DialogLeft  Action = "dialog.left"
	DialogRight Action = "dialog.right"
	DialogTake  Action = "dialog.take"
	DialogYes   Action = "dialog.yes"
	DialogNo    Action = "dialog.no"
)

// bind makes a line: the keystrokes as Bubble Tea names them, the keys and the
// meaning as people read them.
func bind(s Scope, a Action, shown, does string, keys ...string) Binding {
	return Binding{s, a, key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, does))}
}

// defaults is the table. Its order is the order of the help.
func defaults() []Binding {
	return []Binding{
		bind(Everywhere, GoImages, "1", "images", "1"),
		bind(Everywhere, GoCompose, "2", "compose", "2"),
		bind(Everywhere, GoPods, "3", "pods", "3"),
		bind(Everywhere, GoTrust, "4", "trust", "4"),
		bind(Everywhere, Help, "?", "help", "?", "f1"),
		bind(Everywhere, Find, ":", "commands", ":"),
		bind(Everywhere, Back, "esc", "back", "esc"),
		bind(Everywhere, Quit, "q", "back one level, at the top quit", "q"),
		bind(Everywhere, Cancel, "ctrl+c", "stop a fetch; twice quits, pods go on", "ctrl+c"),
		bind(Everywhere, Suspend, "ctrl+z", "to the shell, fg returns", "ctrl+z"),
		bind(Everywhere, Redraw, "ctrl+l", "draw anew", "ctrl+l"),
		bind(Everywhere, Mouse, "ctrl+o", "mouse on, or off", "ctrl+o"),
		bind(Everywhere, Theme, "ctrl+t", "next theme", "ctrl+t"),

		bind(List, Up, "↑, k", "up", "up", "k", "ctrl+p"),
		bind(List, Down, "↓, j", "down", "down", "j", "ctrl+n"),
		bind(List, PageUp, "pgup, ctrl+b", "a page up", "pgup", "ctrl+b", "ctrl+u"),
		bind(List, PageDown, "pgdn, ctrl+f", "a page down", "pgdown", "ctrl+f", "ctrl+d"),
		bind(List, Home, "home, g", "to the first", "home", "g"),
		bind(List, End, "end, G", "to the last", "end", "G"),

		bind(Images, ImagesChoose, "enter", "add to pod", "enter"),
		bind(Images, ImagesMark, "space", "select", "space"),
		bind(Images, ImagesMarkAll, "*", "select all, or none", "*"),
		bind(Images, ImagesInvert, "I", "select the others", "I"),
		bind(Images, ImagesFilter, "/", "search", "/"),
		bind(Images, ImagesAdd, "a", "add a file", "a"),
		bind(Images, ImagesInspect, "i", "inspect", "i"),
		bind(Images, ImagesRemove, "x", "remove", "x", "delete"),
		bind(Images, ImagesSort, "s", "sort", "s"),
		bind(Images, ImagesReverse, "-", "the other way round", "-"),
		bind(Images, ImagesFetches, "tab", "to the fetches", "tab"),
		bind(Images, ImagesDemo, "d", "the demo", "d"),
		bind(Images, ImagesShelf, "o", "composed before", "o"),

		bind(Offer, OfferFetch, "f, enter", "fetch", "f", "enter"),
		bind(Offer, OfferInto, "p", "into the pod, fetched when it runs", "p"),
		bind(Inside, OfferTags, "enter, →", "its tags", "enter", "right"),

		bind(Search, SearchComplete, "tab", "complete", "tab"),

		bind(Fetches, FetchesOpen, "enter", "all of it", "enter"),
		bind(Fetches, FetchesStop, "s", "stop, what came is kept", "s"),
		bind(Fetches, FetchesAgain, "r", "go on", "r"),
		bind(Fetches, FetchesReview, "v", "review the key", "v"),
		bind(Fetches, FetchesUnverified, "u", "fetch it unverified", "u"),
		bind(Fetches, FetchesSearch, "b", "back to the search", "b"),
		bind(Fetches, FetchesRemove, "x", "put away", "x", "delete"),
		bind(Fetches, FetchesLeave, "tab", "to the images", "tab", "shift+tab"),

		bind(Compose, ComposeRun, "r", "run", "r", "ctrl+r"),
		bind(Compose, ComposeEdit, "enter", "edit", "enter"),
		bind(Compose, ComposeReset, "backspace", "back to the image's", "backspace", "ctrl+h"),
		bind(Compose, ComposeChanged, "*", "to the next difference", "*"),
		bind(Compose, ComposeResetApp, "R", "all of the app back to the image's", "R"),
		bind(Compose, ComposeRemove, "x", "remove", "x", "delete"),
		bind(Compose, ComposeSecret, "M", "a secret, or none", "M"),
		bind(Compose, ComposeShowSecrets, "v", "show secrets, or mask them", "v"),
		bind(Compose, ComposeToggle, "space", "switch", "space"),
		bind(Compose, ComposeNetwork, "n", "private network", "n"),
		bind(Compose, ComposeUndo, "u", "undo", "u"),
		bind(Compose, ComposeRedo, "U", "redo", "U"),
		bind(Compose, ComposeAddApp, "a", "add an app", "a", "+"),
		bind(Compose, ComposeAddHere, "A", "add an app by typing its image", "A"),
		bind(Compose, ComposeProblem, "!", "to the problem", "!"),
		bind(Compose, ComposeMake, "m", "create the folder", "m"),
		bind(Compose, ComposeLine, "p", "show as…", "p"),
		bind(Compose, ComposePaste, "P", "paste a command line", "P"),
		bind(Compose, ComposeOther, "tab", "the other side", "tab", "shift+tab"),
		bind(Compose, ComposeLeft, "←, h", "to the apps", "left", "h"),
		bind(Compose, ComposeRight, "→, l", "to the fields", "right", "l"),
		bind(Compose, ComposeDuplicate, "d", "duplicate the app", "d"),
		bind(Compose, ComposeEarlier, "K", "app or argument earlier", "K", "shift+up"),
		bind(Compose, ComposeLater, "J", "app or argument later", "J", "shift+down"),
		bind(Compose, ComposeNew, "N", "an empty pod", "N"),
		bind(Compose, ComposeShelf, "o", "composed before", "o"),
		bind(Compose, ComposeSave, "S", "save under a name", "S"),

		bind(Shelf, ShelfOpen, "enter", "into the form", "enter"),
		bind(Shelf, ShelfRun, "r", "run again", "r"),
		bind(Shelf, ShelfDuplicate, "d", "duplicate under a name", "d"),
		bind(Shelf, ShelfRename, "R", "rename", "R"),
		bind(Shelf, ShelfRemove, "x", "remove", "x", "delete"),
		bind(Shelf, ShelfFilter, "/", "search", "/"),

		bind(Written, WrittenNext, "tab", "next", "tab", "right", "l"),
		bind(Written, WrittenPrev, "shift+tab", "the one before", "shift+tab", "left", "h"),
		bind(Written, WrittenCopy, "c", "copy", "c"),
		bind(Written, WrittenSave, "o", "save to a file", "o"),

		bind(Watch, WatchStop, "s", "stop", "s"),
		bind(Watch, WatchRun, "r", "run, restart", "r"),
		bind(Watch, WatchForm, "b", "to the form", "b"),
		bind(Watch, WatchReview, "v", "review the key", "v"),
		bind(Watch, WatchUnverified, "u", "run it unverified", "u"),
		bind(Watch, WatchNextApp, "tab", "next app", "tab", "right", "l"),
		bind(Watch, WatchPrevApp, "shift+tab", "previous app", "shift+tab", "left", "h"),
		bind(Watch, WatchSearch, "/", "search", "/"),
		bind(Watch, WatchNext, "n", "next match", "n"),
		bind(Watch, WatchPrev, "N", "match before", "N"),
		bind(Watch, WatchWrap, "w", "wrap", "w"),
		bind(Watch, WatchTimes, "t", "times", "t"),
		bind(Watch, WatchSince, "f", "from a time on", "f"),
		bind(Watch, WatchSave, "o", "save to a file", "o"),
		bind(Watch, WatchSplit, "|", "apps beside, or below each other", "|"),
		bind(Watch, WatchCopy, "c", "copy the lines in view, or the match", "c"),
		bind(Watch, WatchOnward, "]", "next pod that starts or runs", "]"),
		bind(Watch, WatchBefore, "[", "the one before", "["),
		bind(Watch, WatchRemove, "x", "remove", "x", "delete"),

		bind(Pods, PodsOpen, "enter", "watch", "enter"),
		bind(Pods, PodsPeek, "p", "peek", "p"),
		bind(Pods, PodsMark, "space", "select", "space"),
		bind(Pods, PodsMarkAll, "*", "select all, or none", "*"),
		bind(Pods, PodsInvert, "I", "select the others", "I"),
		bind(Pods, PodsFilter, "/", "search", "/"),
		bind(Pods, PodsSort, "S", "sort", "S"),
		bind(Pods, PodsReverse, "-", "the other way round", "-"),
		bind(Pods, PodsStop, "s", "stop", "s"),
		bind(Pods, PodsKill, "K", "kill", "K"),
		bind(Pods, PodsRun, "r", "run, restart", "r"),
		bind(Pods, PodsRemove, "x", "remove", "x", "delete"),
		bind(Pods, PodsCollect, "C", "collect garbage", "C"),

		bind(Pod, PodInspect, "i", "page", "i"),
		bind(Pod, PodAttach, "a", "attach", "a"),
		bind(Pod, PodEnter, "e", "enter", "e"),
		bind(Pod, PodEdit, "E", "edit, as a new pod", "E"),
		bind(Pod, PodAgain, "R", "again, as a new pod", "R"),

		bind(PodPage, PageLogs, "enter", "its output", "enter"),
		bind(PodPage, PageNext, "tab", "next section", "tab", "right", "l"),
		bind(PodPage, PagePrev, "shift+tab", "previous section", "shift+tab", "left", "h"),
		bind(PodPage, PageStop, "s", "stop", "s"),
		bind(PodPage, PageKill, "K", "kill", "K"),
		bind(PodPage, PageRun, "r", "run, restart", "r"),
		bind(PodPage, PageRemove, "x", "remove", "x", "delete"),
		bind(PodPage, PageCopy, "c", "copy", "c"),

		bind(Trust, TrustInspect, "enter, i", "all of it", "enter", "i"),
		bind(Trust, TrustAdd, "a", "add a key", "a"),
		bind(Trust, TrustRemove, "x", "remove", "x", "delete"),
		bind(Trust, TrustMark, "space", "select", "space"),
		bind(Trust, TrustMarkAll, "*", "select all, or none", "*"),
		bind(Trust, TrustInvert, "I", "select the others", "I"),
		bind(Trust, TrustFilter, "/", "search", "/"),
		bind(Trust, TrustSort, "s", "sort", "s"),
		bind(Trust, TrustReverse, "-", "the other way round", "-"),
		bind(Trust, TrustWarnings, "w", "files that don't count", "w"),

		bind(TrustFor, TrustForAll, "tab", "for all images, or not", "tab", "shift+tab", "up", "down"),

		bind(Review, ReviewNarrower, "↑, k", "for fewer images", "up", "k", "ctrl+p"),
		bind(Review, ReviewWider, "↓, j", "for more images", "down", "j", "ctrl+n"),
		bind(Review, ReviewTrust, "t", "trust", "t"),
		bind(Review, ReviewOnce, "o", "this image only", "o"),
		bind(Review, ReviewRefuse, "n, esc", "refuse", "n", "esc", "q"),
		bind(Review, ReviewAnother, "a", "another key", "a"),
		bind(Review, ReviewOther, "tab", "next button", "tab"),
		bind(Review, ReviewLeft, "←, h", "button to the left", "left", "h", "shift+tab"),
		bind(Review, ReviewRight, "→, l", "button to the right", "right", "l"),
		bind(Review, ReviewTake, "enter", "take it", "enter"),

		bind(Edit, EditAccept, "enter", "done", "enter"),
		bind(Edit, EditCancel, "esc", "as it was", "esc"),
		bind(Edit, EditNext, "tab", "complete, or next field", "tab"),
		bind(Edit, EditPrev, "shift+tab", "previous field", "shift+tab"),
		bind(Edit, EditUp, "↑", "field above", "up", "ctrl+p"),
		bind(Edit, EditDown, "↓", "field below", "down", "ctrl+n"),
		bind(Edit, EditReset, "ctrl+r", "back to the image's", "ctrl+r"),
		bind(Edit, EditLeft, "←", "left", "left", "ctrl+b"),
		bind(Edit, EditRight, "→", "right", "right", "ctrl+f"),
		bind(Edit, EditWordLeft, "alt+b, ctrl+←", "a word left", "alt+b", "ctrl+left", "alt+left"),
		bind(Edit, EditWordRight, "alt+f, ctrl+→", "a word right", "alt+f", "ctrl+right", "alt+right"),
		bind(Edit, EditHome, "home, ctrl+a", "to the start", "home", "ctrl+a"),
		bind(Edit, EditEnd, "end, ctrl+e", "to the end", "end", "ctrl+e"),
		bind(Edit, EditBackspace, "backspace", "delete left", "backspace", "ctrl+h", "shift+backspace"),
		bind(Edit, EditDelete, "del", "delete", "delete", "ctrl+d"),
		bind(Edit, EditWordBack, "ctrl+w", "delete a word", "ctrl+w", "alt+backspace"),
		bind(Edit, EditToStart, "ctrl+u", "delete to the start", "ctrl+u"),
		bind(Edit, EditToEnd, "ctrl+k", "delete to the end", "ctrl+k"),

		bind(Palette, PaletteTake, "enter", "do it, or go there", "enter"),
		bind(Palette, PaletteComplete, "tab", "complete", "tab"),

		bind(Dialog, DialogOther, "tab", "next button", "tab"),
		bind(Dialog, DialogLeft, "←, h", "button to the left", "left", "h", "shift+tab"),
		bind(Dialog, DialogRight, "→, l", "button to the right", "right", "l"),
		bind(Dialog, DialogTake, "enter", "take it", "enter"),
		bind(Dialog, DialogYes, "y", "yes", "y"),
		bind(Dialog, DialogNo, "n, esc", "no", "n", "esc", "q"),
	}
}
