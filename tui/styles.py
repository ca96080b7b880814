"""How the screens are laid out, in Textual's style sheets."""

STYLES = """
Screen { background: $background; color: $foreground; }
TopBar { height: 1; background: $panel; }
KeyLine { dock: bottom; height: 1; background: $panel; }
#prompt { height: 1; background: $panel; }
#prompt Label { color: $primary; width: auto; }
#prompt Input { width: 1fr; background: $panel; }

.-taught ToastRack { margin-bottom: 6; }
.-asked ToastRack { margin-bottom: 3; }
.-taught.-asked ToastRack { margin-bottom: 7; }
.lesson { width: 100%; height: auto; max-height: 4; background: $line-lit; padding: 0 1; }

.model { layout: grid; grid-size: 2 2; grid-columns: 4fr 3fr; grid-rows: 4fr 3fr; height: 1fr; }
#canvas { row-span: 2; }
.model.unfolded { grid-columns: 3fr 2fr; grid-rows: 5fr 3fr; }
.model.unfolded #canvas { row-span: 1; column-span: 2; }
#canvas, #beside, #inspector, #text, #problems, .pane {
    border: round $border-blurred; border-title-color: $muted; border-subtitle-color: $muted;
    background: $background; padding: 0 1; scrollbar-size: 1 1;
}
#text { padding: 0; }
#canvas:focus, #inspector:focus, #text:focus, #problems:focus, .pane:focus, .pane:focus-within {
    border: round $border; border-title-color: $primary; border-subtitle-color: $primary;
}
#canvas, #beside { padding: 0; }
.model.-alone.-at-canvas, .-wide .model.-alone.-at-canvas.unfolded { layout: vertical; }
.model.-alone.-at-canvas #side, .model.-alone.-at-canvas #text { display: none; }
.-wide .model.-alone.-at-canvas #beside { display: none; }
.model.-alone.-at-canvas #canvas { height: 1fr; }
#side { height: 100%; width: 100%; }
#inspector { height: 1fr; }
#inspector > Static { width: 1fr; height: auto; }
#problems { height: auto; max-height: 50%; border: round $error; border-title-color: $error; }
SpecText .text-area--cursor-line { background: $line-lit; }
SpecText .text-area--gutter { color: $muted; }
SpecText .text-area--cursor-gutter { color: $primary; }

.-wide .model { grid-size: 3 1; grid-columns: 2fr 3fr 2fr; grid-rows: 1fr; }
.-wide #canvas { row-span: 1; }
#beside { display: none; }
.-wide .model.unfolded { grid-size: 5 2; grid-columns: 1fr; grid-rows: 5fr 3fr; }
.-wide .model.unfolded #beside { display: block; column-span: 2; }
.-wide .model.unfolded #canvas, .-wide .model.unfolded #text { column-span: 3; }
.-wide .model.unfolded #side { column-span: 2; }

.-small .model, .-small .model.unfolded { layout: vertical; }
.-small #canvas { height: 2fr; }
.-small #side { height: 1fr; }
.-small #problems { max-height: 100%; }
.-small.-wrong #inspector { display: none; }
.-small.-wrong #side { height: auto; max-height: 50%; }
.-small.-wrong #problems { max-height: 10; }
.-small.-wrong .-at-inspector #side, .-small.-wrong .-at-problems #side { height: 1fr; max-height: 100%; }
.-small.-wrong .-at-inspector #inspector { display: block; }
.-small .-at-inspector #problems { max-height: 50%; }
.-small #text { height: 1fr; display: none; }
.-small .-at-text #text { display: block; }
.-small .-at-text #side { display: none; }

.-narrow .model, .-narrow .model.unfolded { layout: vertical; }
.-narrow #canvas { height: 1fr; }
.-narrow #side, .-narrow #text { display: none; height: 1fr; }
.-narrow .-at-text #text { display: block; }
.-narrow .-at-inspector #side, .-narrow .-at-problems #side { display: block; }
.-narrow .-at-text #canvas, .-narrow .-at-inspector #canvas, .-narrow .-at-problems #canvas { display: none; }
.-narrow #canvas, .-narrow #inspector, .-narrow #text { border: none; }
.-small .-at-problems #inspector, .-narrow .-at-problems #inspector { display: none; }
.-small .-at-problems #problems, .-narrow .-at-problems #problems { height: 1fr; max-height: 100%; }
.-narrow #problems { max-height: 60%; }

.training { layout: grid; grid-size: 3 2; grid-columns: 3fr 2fr 44; grid-rows: 5fr 3fr; height: 1fr; }
#curve { column-span: 2; padding: 0; }
#progress { padding: 0 1; }
#samples, #settings, #lines { height: 100%; }
#settings, #lines { column-span: 2; }
#progress Static, #samples Static { width: 1fr; height: auto; }
.training #lines, .training.-log #settings { display: none; }
.training.-log #lines { display: block; }
.-small .training, .-narrow .training { layout: vertical; }
.-small .training > .pane, .-narrow .training > .pane { height: 1fr; display: none; }
.-small .training > #samples, .-small .training > #settings, .-small .training > #lines { height: 1fr; }
.-small .training > #curve, .-small .training.-at-curve > #progress { display: block; }
.-small .training > .pane.-at, .-narrow .training > .pane.-at { display: block; }

#using { height: 1fr; }
.-low #wish { max-height: 4; }
#wish { height: auto; }
#page { height: 1fr; }
#page Static { width: 1fr; height: auto; }
#runs { height: 1fr; background-tint: $background 0%; }
#inside { height: 1fr; }
#inside #canvas { height: 1fr; }
#values { height: auto; max-height: 60%; }
#values Static { width: 1fr; height: auto; }
#head { height: 3; padding: 1 2; color: $primary; }
#starting { height: 1fr; }
#choices { height: 100%; width: 3fr; background-tint: $background 0%; }
OptionList > .option-list--option-highlighted { background: $line-lit; color: $foreground; text-style: none; }
OptionList:focus > .option-list--option-highlighted { background: $line-lit; color: $primary; text-style: bold; }
#preview { height: 100%; width: 4fr; border: round $border-blurred; border-title-color: $muted; }
#preview { scrollbar-size: 1 1; background: $background; }
.-small #preview, .-narrow #preview { display: none; }

.both { layout: grid; grid-size: 2 2; grid-rows: 3fr 2fr; height: 1fr; background: $background; }
#here, #there {
    border: round $border-blurred; border-title-color: $muted; border-subtitle-color: $muted; scrollbar-size: 1 1;
    background: $background;
}
#here:focus, #there:focus { border: round $border; border-title-color: $primary; border-subtitle-color: $primary; }
#differences { column-span: 2; height: 100%; }
#differences Static { width: auto; height: auto; }
#differences Static.-wrapped { width: 100%; }
.-narrow .both { layout: vertical; }
.-narrow .both > #here, .-narrow .both > #there, .-narrow .both > #differences { display: none; height: 1fr; }
.-narrow .both.-at-here > #here, .-narrow .both.-at-there > #there { display: block; }
.-narrow .both.-at-differences > #differences { display: block; }
Question { align: center middle; background: $background 60%; }
Question > Vertical {
    width: 66; max-width: 96%; height: auto; border: round $border; padding: 1 2;
    background: $background;
}
Question > .-versions { width: 116; }
Question Static { width: auto; max-width: 100%; margin-bottom: 1; }
Question #versions { width: 100%; text-wrap: nowrap; text-overflow: ellipsis; }
Question.-low #versions { display: none; }
Question OptionList { width: 100%; height: auto; border: none; background: $background; }
Question:ansi, Sheet:ansi, Keys:ansi { background: transparent; }
Sheet { align: center middle; background: $background 60%; }
#sheet {
    width: 92; max-width: 96%; height: 32; max-height: 94%; border: round $border; border-title-color: $primary;
    padding: 0 1; background: $background;
}
#pictured {
    dock: right; width: 48; height: 100%; display: none; overflow: hidden; background: $background;
    border-left: solid $border-blurred; padding: 0 0 0 1;
}
Sheet.-normal.-high #sheet.-pictured { width: 116; padding: 0 0 0 1; }
Sheet.-wide.-high #sheet.-pictured { width: 162; padding: 0 0 0 1; }
Sheet.-normal.-high #sheet.-pictured #pictured, Sheet.-wide.-high #sheet.-pictured #pictured { display: block; }
Sheet.-wide #pictured { width: 92; }
#line { height: 1; margin-bottom: 1; }
#line Label { color: $primary; width: auto; text-style: bold; }
#line Input { width: 1fr; background: $background; }
#offers { height: auto; max-height: 9; border: none; padding: 0; background: $background; margin-bottom: 1; }
#block { display: none; height: auto; max-height: 9; margin-bottom: 1; text-wrap: nowrap; text-overflow: ellipsis; }
#block.-told { display: block; }
#rows { height: 1fr; border: none; padding: 0; background: $background; }
#offers, #rows { scrollbar-size: 1 1; text-wrap: nowrap; text-overflow: ellipsis; }
#verdict { height: auto; max-height: 3; min-height: 1; }
#sheet-keys { dock: none; height: 1; background: $background; }
#offers > .option-list--option-highlighted { background: $line-lit; color: $primary; text-style: bold; }
#rows > .option-list--option-highlighted { background: $line-lit; color: $foreground; text-style: none; }
Sheet.-narrow #sheet { width: 100%; max-width: 100%; height: 100%; max-height: 100%; border: none; }
#sheet.-few { height: auto; }
#sheet.-few #rows { height: auto; max-height: 12; margin-bottom: 1; }
Sheet.-middle #offers { max-height: 5; }
Sheet.-middle #block { max-height: 3; }
Sheet.-middle #line, #sheet.-few { height: auto; }
#sheet.-few #rows { height: auto; max-height: 12; margin-bottom: 1; }
Sheet.-middle #offers, Sheet.-middle #block { margin-bottom: 0; }
Sheet.-low #block { display: none; }
Sheet.-low #line, Sheet.-low #offers { margin-bottom: 0; }
Sheet.-low #offers { max-height: 4; }
Keys { align: center middle; background: $background 60%; }
Keys > VerticalScroll { width: auto; max-width: 96%; max-height: 96%; height: auto; padding: 1 2; }
Keys Horizontal { width: auto; height: auto; }
Keys Static { width: auto; height: auto; }
Keys Static.-second { margin-left: 4; }
Keys > VerticalScroll { border: round $border; background: $background; }
"""
