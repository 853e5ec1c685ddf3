package stages

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/theme"
)

var start = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func at(ms int, e event.Event) event.Event {
	e.Time = start.Add(time.Duration(ms) * time.Millisecond)
	return e
}

func fromFile() []event.Event {
	const ref = "./app.aci"
	return []event.Event{
		at(0, event.Event{Type: event.ImageSearch, State: event.Done, Image: ref, Message: ref}),
		at(1, event.Event{Type: event.ImageVerify, State: event.Skipped, Image: ref, Message: "no signature"}),
		at(2, event.Event{Type: event.ImageFetch, State: event.Started, Image: ref, Total: 100e6}),
		at(2, event.Event{Type: event.ImageUnpack, State: event.Started, Image: ref, Total: 100e6}),
		at(502, event.Event{Type: event.ImageFetch, State: event.Started, Image: ref, Bytes: 25e6, Total: 100e6}),
		at(1002, event.Event{Type: event.ImageFetch, State: event.Started, Image: ref, Bytes: 50e6, Total: 100e6}),
	}
}

func drawn(s *Stages) string {
	return ansi.Strip(s.Draw(theme.New(theme.Plain), 100, 8, start.Add(2*time.Second)))
}

func TestAStageClaimsNothingThatNoEventSaid(t *testing.T) {
	var s Stages
	for i, e := range fromFile() {
		s.Add(e)
		if out := drawn(&s); strings.Contains(out, "✓") {
			t.Fatalf("after event %d:\n%s", i, out)
		}
	}
	out := drawn(&s)
	for _, want := range []string{"! not verified", "read and unpack 50 %", "50.0 of 100 MB", "50.0 MB/s", "1 s left", "· prepare", "· run"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestAddingTheSameEventsAgainChangesNothing(t *testing.T) {
	events := append(fromFile(),
		at(1500, event.Event{Type: event.ImageFetch, State: event.Done, Image: "./app.aci", Bytes: 100e6, Total: 100e6}),
		at(1510, event.Event{Type: event.ImageUnpack, State: event.Done, Image: "./app.aci", ID: "sha512-ab"}),
		at(1520, event.Event{Type: event.PodPrepare, State: event.Done}),
		at(1530, event.Event{Type: event.Warning, Message: "careful"}),
		at(1600, event.Event{Type: event.AppStart, App: "app"}),
		at(2600, event.Event{Type: event.AppExit, App: "app", Status: event.Status(3)}),
		at(2610, event.Event{Type: event.PodExit, Status: event.Status(3)}),
	)
	var once, twice Stages
	once.Add(events...)
	twice.Add(events...)
	twice.Add(events...)
	twice.beats = once.beats
	if !reflect.DeepEqual(once, twice) || drawn(&once) != drawn(&twice) {
		t.Errorf("%s\n%s", drawn(&once), drawn(&twice))
	}
	if out := drawn(&once); !strings.Contains(out, "✗ exited 3 after 1 s") {
		t.Error(out)
	}
}

func TestAFailureStaysWithItsCause(t *testing.T) {
	var s Stages
	s.Add(fromFile()...)
	s.Add(at(1100, event.Event{Type: event.ImageUnpack, State: event.Failed, Image: "./app.aci", Message: "unexpected end"}),
		at(1101, event.Event{Type: event.Error, Message: "image ./app.aci: unexpected end"}))
	out := drawn(&s)
	if !strings.Contains(out, "read and unpack stopped at 50.0 of 100 MB") || !strings.Contains(out, "✗ unexpected end") ||
		strings.Contains(out, "left") || strings.Count(out, "unexpected end") != 1 {
		t.Error(out)
	}
}

func TestEndingsInWords(t *testing.T) {
	for _, c := range []struct {
		status int
		cause  string
		want   string
	}{
		{0, "", "exited 0"}, {3, "", "exited 3"}, {3, "status 3", "exited 3"}, {143, "killed by signal 15 (SIGTERM)", "killed by signal 15 (SIGTERM, 143)"}, {137, "", "killed by signal 9 (137)"},
		{137, "killed by its memory limit", "killed by its memory limit (137)"}, {137, "exited 137", "exited 137"},
		{255, "", "exited 255"},
	} {
		if got := Ending(&c.status, c.cause); got != c.want {
			t.Errorf("%d %q: %q, want %q", c.status, c.cause, got, c.want)
		}
	}
}

func fromRegistry() []event.Event {
	const ref, first, second, third = "docker://registry.test/backup:2", "sha256:1f2e88a0ff", "sha256:88a0c01dff", "sha256:c01d9f3aff"
	fetch := func(ms int, state event.State, layer string, bytes, total int64) event.Event {
		return at(ms, event.Event{Type: event.ImageFetch, State: state, Image: ref, Layer: layer, Bytes: bytes, Total: total})
	}
	return []event.Event{
		at(0, event.Event{Type: event.ImageSearch, State: event.Done, Image: ref, Message: "registry.test"}),
		at(1, event.Event{Type: event.ImageVerify, State: event.Skipped, Image: ref, Message: "by digest only"}),
		fetch(2, event.Started, "", 0, 148e6),
		fetch(2, event.Started, first, 0, 12e6), fetch(2, event.Started, second, 0, 91e6), fetch(2, event.Started, third, 0, 45e6),
		fetch(502, event.Started, second, 24_600_000, 91e6),
		fetch(1002, event.Started, second, 49_200_000, 91e6), fetch(1002, event.Done, first, 12e6, 12e6),
		at(1003, event.Event{Type: event.ImageUnpack, State: event.Done, Image: ref, Layer: first, Bytes: 12e6, Total: 12e6}),
		fetch(1003, event.Started, "", 61_200_000, 148e6),
	}
}

func TestEachLayerTellsHowFarItIs(t *testing.T) {
	var s Stages
	s.Add(fromRegistry()...)
	for name, out := range map[string]string{
		"a pod's": ansi.Strip(s.Draw(theme.New(theme.Plain), 100, 12, start.Add(2*time.Second))),
		"a fetch": ansi.Strip(s.DrawSteps(theme.New(theme.Plain), 100, 12, start.Add(2*time.Second))),
	} {
		for _, want := range []string{
			"1f2e88a0  ━━━━━━━━━━━━━━━━━━━━  12.0 MB ", "88a0c01d  ━━━━━━━━━━──────────  49.2 of 91.0 MB  ", // the line above has the pace of the only one
			"c01d9f3a  ────────────────────  waiting · 45.0 MB", "61.2 of 148 MB · 61.1 MB/s · 1 s left",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", name, want, out)
			}
		}
	}
}

// Where there is no room for all, what is under way is shown and the rest counted.
func TestLayersAreCountedWhereThereIsNoRoom(t *testing.T) {
	var s Stages
	s.Add(fromRegistry()...)
	for h, want := range map[int][]string{
		6: {"1f2e88a0", "88a0c01d", "c01d9f3a", "· prepare"},
		5: {"88a0c01d", "1 layer done, 1 more", "· prepare"},
		4: {"1 layer done, 2 more", "· prepare"},
	} {
		out := ansi.Strip(s.Draw(theme.New(theme.Plain), 100, h, start.Add(2*time.Second)))
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("in %d rows no %q:\n%s", h, w, out)
			}
		}
	}
}

func TestWhatWasStoppedHereClaimsNoRate(t *testing.T) {
	var s Stages
	s.Add(fromRegistry()...)
	s.Stop()
	s.Add(at(1100, event.Event{Type: event.ImageFetch, State: event.Failed, Image: "docker://registry.test/backup:2", Message: "context canceled"}))
	out := ansi.Strip(s.DrawSteps(theme.New(theme.Plain), 100, 12, start.Add(2*time.Second)))
	if !strings.Contains(out, "stopped at 49.2 of 91.0 MB") || strings.Contains(out, "left") || strings.ContainsAny(out, "✗") || strings.Contains(out, "canceled") || s.Kept() != 61_200_000 {
		t.Errorf("kept %d\n%s", s.Kept(), out)
	}
}

func TestTwoLayersEachTellTheirPace(t *testing.T) {
	var s Stages
	s.Add(fromRegistry()...)
	s.Add(at(1004, event.Event{Type: event.ImageFetch, State: event.Started, Image: s.Images[0].Ref, Layer: "sha256:c01d9f3aff", Bytes: 1e6, Total: 45e6}))
	if out := steps(&s, 2000); !strings.Contains(out, "49.2 of 91.0 MB · 49.2 MB/s · 1 s left") {
		t.Error(out)
	}
}

func steps(s *Stages, ms int) string {
	return ansi.Strip(s.DrawSteps(theme.New(theme.Plain), 100, 12, start.Add(time.Duration(ms)*time.Millisecond)))
}

// What was fast once and has stopped coming is not as good as there.
func TestAPaceThatNothingConfirmsFades(t *testing.T) {
	var s Stages
	s.Add(fromRegistry()...)
	if out := steps(&s, 4900); !strings.Contains(out, "MB/s") || strings.Contains(out, "stalled") {
		t.Error(out)
	}
	out := steps(&s, 5100)
	if strings.Contains(out, "MB/s") || strings.Contains(out, "left") || !strings.Contains(out, "61.2 of 148 MB · stalled") {
		t.Error(out)
	}
	s.Add(at(6000, event.Event{Type: event.ImageFetch, State: event.Started, Image: s.Images[0].Ref, Bytes: 62e6, Total: 148e6}))
	if out := steps(&s, 6100); strings.Contains(out, "stalled") || !strings.Contains(out, "left") {
		t.Error(out)
	}
}

func TestNothingIsLeftOfLessThanASecond(t *testing.T) {
	st := Step{State: event.Started}
	for i := range 3 {
		st.add(at(i*1000, event.Event{State: event.Started, Bytes: int64(i) * 49e6, Total: 100e6}))
	}
	if got := st.progress(start.Add(2 * time.Second)); got != "98.0 of 100 MB · 49.0 MB/s" {
		t.Error(got)
	}
}

func TestAShortRowLosesTheRateBeforeTheTime(t *testing.T) {
	var s Stages
	s.Add(fromRegistry()...)
	for room, want := range map[int]string{
		80: "fetch 61.2 of 148 MB · 61.1 MB/s · 1 s left", 43: "fetch 61.2 of 148 MB · 61.1 MB/s · 1 s left", 42: "fetch 61.2 of 148 MB · 1 s left",
		30: "61.2 of 148 MB · 1 s left", 22: "fetch 61.2 of 148 MB", 15: "61.2 of 148 MB",
	} {
		if got := s.Summary(start.Add(2*time.Second), room); got != want {
			t.Errorf("in %d cells %q, want %q", room, got, want)
		}
	}
}

// Why it takes longer is told while it does, and not for ever.
func TestARetryIsToldWhileItLasts(t *testing.T) {
	var s Stages
	s.Add(fromRegistry()...)
	const why = "registry.test: 503 Service Unavailable; trying again in 2s"
	ref := s.Images[0].Ref
	bytes := func(ms int, n int64) {
		s.Add(at(ms, event.Event{Type: event.ImageFetch, State: event.Started, Image: ref, Bytes: n, Total: 148e6}))
	}
	s.Add(at(1100, event.Event{Type: event.Warning, Image: ref, Message: why}))
	bytes(1200, 62e6) // another layer's
	if out := steps(&s, 2000); !strings.Contains(out, why) || s.Retry() != why || len(s.Warnings) > 0 {
		t.Errorf("%s\n%q %q", out, s.Retry(), s.Warnings)
	}
	bytes(12_000, 70e6)
	if out := steps(&s, 12_000); strings.Contains(out, why) || s.Retry() != "" {
		t.Error(out)
	}
}

func TestWhatAnotherProcessFetchedIsSaidOnce(t *testing.T) {
	var s Stages
	const ref, other = "docker://registry.test/backup:2", "another podtui has fetched it"
	s.Add(at(0, event.Event{Type: event.ImageSearch, State: event.Started, Image: ref}),
		at(1, event.Event{Type: event.ImageFetch, State: event.Started, Image: ref, Bytes: 5e6, Total: 9e6, Message: "another podtui fetches it"}),
		at(2, event.Event{Type: event.ImageSearch, State: event.Done, Image: ref, ID: "sha512-ab"}),
		at(3, event.Event{Type: event.ImageVerify, State: event.Skipped, Image: ref}),
		at(4, event.Event{Type: event.ImageFetch, State: event.Skipped, Image: ref, Message: other}),
		at(4, event.Event{Type: event.ImageUnpack, State: event.Skipped, Image: ref, Message: other}))
	if out := drawn(&s); strings.Count(out, other) != 1 || !strings.Contains(out, "✓ "+ref) {
		t.Error(out)
	}
}

func TestVerificationIsAStageOfItsOwn(t *testing.T) {
	const ref, key = "example.com/app:1.0", "0123456789abcdef0123456789abcdef4b1f22a9"
	long := "\x1b[2JBuilds\u202e" + strings.Repeat("x", 10_000)
	for _, c := range []struct {
		name   string
		events []event.Event
		want   []string
	}{
		{"before", nil, []string{"· verify"}},
		{"under way", []event.Event{{State: event.Started, Message: "example.com"}}, []string{"⠹ verify  example.com"}},
		{"passed", []event.Event{{State: event.Done, Message: "Example Builds <builds@example.com>", Key: key}},
			[]string{"✓ verify  Example Builds <builds@example.com> 4B1F 22A9"}},
		{"passed by a hostile name", []event.Event{{State: event.Done, Message: long, Key: key}},
			[]string{`✓ verify  \x1b[2JBuilds\u202exxx`, "… 4B1F 22A9"}},
		{"passed by an approval", []event.Event{{State: event.Done, Message: "digest approved"}}, []string{"✓ verify  digest approved"}},
		{"skipped", []event.Event{{State: event.Skipped, Message: "no signature"}}, []string{"– verify  ! not verified: no signature"}},
		{"failed", []event.Event{{State: event.Failed, Message: "unknown key 0123456789ABCDEF (\"Alice <alice@example.com>\")"}},
			[]string{"✗ " + ref, "✗ verify  unknown key 0123456789ABCDEF", "· prepare"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s Stages
			s.Add(at(0, event.Event{Type: event.ImageSearch, State: event.Started, Image: ref}))
			for _, e := range c.events {
				e.Type, e.Image = event.ImageVerify, ref
				s.Add(at(1, e))
			}
			rows := s.Rows(80)
			out := ansi.Strip(s.Draw(theme.New(theme.Plain), 80, rows, start))
			for _, w := range c.want {
				if !strings.Contains(out, w) {
					t.Errorf("no %q in\n%s", w, out)
				}
			}
			if strings.ContainsAny(out, "\x1b\u202e") || strings.Count(out, "unknown key") > 1 {
				t.Error(out)
			}
			small := ansi.Strip(s.Draw(theme.New(theme.Plain), 80, 2, start))
			if strings.Contains(small, "✗ verify") != (c.name == "failed") {
				t.Errorf("in two rows\n%s", small)
			}
		})
	}
}

// What the key says of itself must not push out what tells it from another.
func TestOfASignerTheFingerprintIsNeverCut(t *testing.T) {
	for by, want := range map[string]string{
		"Example Builds <builds@example.com>": "Example Builds 4B1F 22A9",
		"verified by everybody":               "verified by eve… 4B1F 22A9",
		"":                                    "4B1F 22A9",
		"\x1b[31mred":                         `\x1b[31mred 4B1F 22A9`,
	} {
		if got := Signer(by, "abcd4b1f22a9", 26); got != want {
			t.Errorf("%q: %q, want %q", by, got, want)
		}
	}
	if got := Signer("digest approved", "", 26); got != "digest approved" {
		t.Error(got)
	}
}

func TestAnAppDoesNotRunBeforeItsEventHandlers(t *testing.T) {
	var s Stages
	s.Add(at(0, event.Event{Type: event.AppStart, State: event.Started, App: "web"}), at(1, event.Event{Type: event.AppStart, State: event.Started, App: "db"}))
	if out := drawn(&s); !strings.Contains(out, "event handlers run first") {
		t.Error(out)
	}
	s.Add(at(2, event.Event{Type: event.AppStart, State: event.Done, App: "web"}), at(3, event.Event{Type: event.AppStart, State: event.Done, App: "db"}))
	if out := drawn(&s); !strings.Contains(out, "running") {
		t.Error(out)
	}
}
