package engine_test

const soakRole = "PODTUI_TEST_SOAK"

func soakMain(string) {}
