"""Exported pages in headless Chromium: stepped through, edited, looked at, audited.

    Scripts/page-test [NAME...]

Every number a page shows is compared with `--json`, at first and after an input was edited. There may
be no message in the console and no request. The audit is axe-core's. Pictures of each page in four
widths and four looks, and one as it is printed, go to .build/page; look at them.
"""

import base64
import json
import math
import os
import pathlib
import subprocess
import sys
import time

import axe_playwright_python
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from programs import PROGRAMS

ROOT = pathlib.Path(__file__).parents[2]
OUT = ROOT / ".build" / "page"
# Of the packages that bring axe-core this one has the newest; its driver is not needed.
AXE = next(pathlib.Path(axe_playwright_python.__file__).parent.glob("*axe.min.js")).read_text("utf-8")
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "laptop": (1280, 800), "hall": (1920, 1080)}
LOOKS = ("light", "dark", "projector")


def browser(*more):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *more):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def backstep(script, *options):
    result = subprocess.run(
        [os.environ["BACKSTEP"], "--no-init", *options, "-"], input=script, capture_output=True,
        encoding="utf-8", timeout=120)
    if result.returncode:
        raise SystemExit(f"{script}\n{result.stderr}")
    return result.stdout


def flat(value):
    """The numbers of a value, in order."""
    if isinstance(value, list):
        return [x for one in value for x in flat(one)]
    return [float(str(value).replace("inf", "Infinity").replace("Infinity", "inf"))]


class Check:
    """One page in the browser."""

    def __init__(self, driver, name):
        self.driver, self.name = driver, name
        self.program = PROGRAMS[name]
        self.path = OUT / f"{name}.html"
        started = time.monotonic()
        backstep(f"{self.program.text}\nexport {self.path} {self.program.target} !\n")
        self.export_seconds = time.monotonic() - started

    # Helpers

    def js(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def fail(self, message):
        raise SystemExit(f"{self.name}: {message}")

    def expect(self, found, wanted, what):
        if found != wanted:
            self.fail(f"{what}: {found!r}, not {wanted!r}")

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})

    def open(self, step=None):
        self.driver.get("about:blank")
        self.driver.get(f"file://{self.path}{f'#step={step}' if step else ''}")

    def select(self, field, value):
        self.js("const f = document.getElementById(arguments[0]); f.value = arguments[1];"
                "f.dispatchEvent(new Event('change', { bubbles: true }));", field, value)

    def step(self):
        return int(self.js("return document.getElementById('slider').value"))

    def steps(self):
        return int(self.js("return document.getElementById('slider').max"))

    def press(self, key):
        self.driver.find_element(By.TAG_NAME, "body").send_keys(key)

    # What is checked

    def stepping(self):
        """Keys, buttons, the slider, links and touch all lead to the step they should."""
        self.open()
        self.expect(self.step(), 1, "the first step")
        last = self.steps()
        shown = set()
        for number in range(2, min(last, 40) + 1):
            self.press(Keys.ARROW_RIGHT)
            self.expect(self.step(), number, "after →")
            self.expect(self.js("return location.hash"), f"#step={number}", "the address")
            title = self.js("return document.getElementById('step-title').textContent")
            if not title.startswith(f"Step {number} of {last}."):
                self.fail(f"the title says {title!r}")
            shown.add(self.js("return document.getElementById('sentence').textContent"
                              " + document.getElementById('lines').textContent"))
        self.expect(len(shown), min(last, 40) - 1, "different calculations")
        self.press(Keys.ARROW_LEFT)
        self.expect(self.step(), min(last, 40) - 1, "after ←")
        for key, target in ((Keys.END, last), (Keys.HOME, 1)):
            self.press(key)
            self.expect(self.step(), target, "after Home or End")
        for button, target in (("next", 2), ("next", 3), ("previous", 2)):
            self.driver.find_element(By.ID, button).click()
            self.expect(self.step(), target, f"after a click on {button}")
        self.driver.find_element(By.ID, "slider").send_keys(Keys.ARROW_RIGHT)
        self.expect(self.step(), 3, "after → on the slider")
        self.js("location.hash = '#step=5'")
        time.sleep(0.1)
        self.expect(self.step(), 5, "after a link")
        self.open(step=4)
        self.expect(self.step(), 4, "opened by a link")
        self.swipe(300, 80)
        self.expect(self.step(), 5, "after a swipe to the left")
        self.swipe(80, 300)
        self.expect(self.step(), 4, "after a swipe to the right")

    def swipe(self, start, end):
        self.size(*SIZES["phone"])
        box = self.js("const e = document.getElementById('sentence'); e.scrollIntoView();"
                      "const b = e.getBoundingClientRect(); return b.top + b.height / 2;")
        for kind, x in (("touchStart", start), ("touchMove", end), ("touchEnd", end)):
            points = [] if kind == "touchEnd" else [{"x": x, "y": box}]
            self.driver.execute_cdp_cmd(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        time.sleep(0.1)
        self.size(*SIZES["laptop"])

    def shown(self):
        """All numbers of the tables, by step and column; of a long trace those that are listed."""
        return self.js("""
            return [...document.querySelectorAll('#steps tr[data-step]')].map((row) => [
              Number(row.dataset.step), [...row.cells].slice(1).map((cell) =>
                [...cell.querySelectorAll('data')].map((one) => [one.value, one.textContent]))]);""")

    def told(self, script):
        """The same as the program tells them, for steps from 2 on."""
        lines = [json.loads(line) for line in backstep(
            f"{script}\ntrace {self.program.target}\n", "--json").splitlines()]
        rows, number = {}, 1
        for event in lines:
            if event["event"] == "forward":
                number += 1
                rows[number] = {2: [event["value"]],
                                3: [p["value"] for p in event["partials"] if "value" in p]}
            elif event["event"] == "seed":
                number += 1
                rows[number] = {3: [event["adjoint"]], 4: [event["adjoint"]]}
            elif event["event"] == "fanout":
                number += 1
                rows[number] = {4: [event["adjoint"]]}
            elif event["event"] == "backward":
                for part in event["contributions"]:
                    number += 1
                    rows[number] = {3: [part["contribution"]], 4: [part["accumulated"]]}
                    if "local" in part and "∂" not in part["formula"]:
                        rows[number][2] = [event["adjoint"], part["local"]]
        return rows, lines

    def compare(self, script, tolerance):
        """Compares every number of the tables with the program's."""
        rows, lines = self.told(script)
        self.expect(self.steps(), max(rows) + 1, "the number of steps")
        count = 0
        for step, cells in self.shown():
            for column, values in rows[step].items():
                found = [flat(json.loads(value.replace("-inf", '"-inf"').replace("inf,", '"inf",')))
                         if value.startswith("[") else flat(value) for value, _ in cells[column]]
                wanted = [flat(value) for value in values]
                if [len(x) for x in found] != [len(x) for x in wanted]:
                    self.fail(f"step {step}, column {column + 2}: {found}, not {wanted}")
                for own, exact in zip(sum(found, []), sum(wanted, [])):
                    count += 1
                    if own == exact or (math.isnan(own) and math.isnan(exact)):
                        continue
                    if not abs(own - exact) <= tolerance * max(abs(exact), 1e-12):
                        self.fail(f"step {step}, column {column + 2}: {own!r}, not {exact!r}")
        gradients = [e for e in lines if e["event"] == "gradient"]
        self.press(Keys.END)
        shown = self.js("return document.querySelectorAll('#lines math').length")
        self.expect(shown, min(40, len(gradients)), "lines of the gradient")
        return count

    def text_is_number(self):
        """With all digits each number is also shown as it is."""
        self.select("digits", "all")
        for step, cells in self.shown():
            for value, text in sum(cells, []):
                plain = text.replace("−", "-").replace("∞", "inf")
                if value.startswith("[") or "×" in plain:
                    continue
                self.expect(str(float(plain)), str(float(value)), f"step {step}")

    def numbers(self):
        self.open()
        count = self.compare(self.program.text, 0)
        self.text_is_number()
        return count

    def editing(self):
        """An input is typed over; everything on the page is computed anew."""
        self.open()
        count = 0
        for label, text in self.program.edits:
            field = self.js("""
                return [...document.querySelectorAll('#inputs input')].find((one) => arguments[0] === (
                  one.ariaLabel ?? one.labels[0].firstChild.textContent));""", label)
            if field is None:
                self.fail(f"there is no field {label}")
            self.expect(field.is_enabled(), True, f"the field {label}")
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(text, Keys.TAB)
        time.sleep(0.6)
        count = self.compare(f"{self.program.text}\n{self.program.edited}", 1e-12)
        result = self.js("return document.getElementById('result').textContent")
        if " is " not in result:
            self.fail(f"the result says {result!r}")
        # What is no number changes nothing, and is said.
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys("two")
        self.expect(field.get_attribute("aria-invalid"), "true", "a field with 'two'")
        self.compare(f"{self.program.text}\n{self.program.edited}", 1e-12)
        button = self.driver.find_element(By.CSS_SELECTOR, ".actions button")
        self.js("arguments[0].scrollIntoView({ block: 'center' })", button)
        button.click()
        self.compare(self.program.text, 0)
        return count

    def pace(self):
        """How long a step takes, from the key to the end of the layout, in milliseconds."""
        self.open()
        return self.js("""
            const last = Number(document.getElementById('slider').max);
            const times = [];
            for (let index = 0; index < 120; index += 1) {
              const start = performance.now();
              const step = 1 + Math.floor((index * last) / 120);
              const slider = document.getElementById('slider');
              if (index % 2) dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
              else { slider.value = step; slider.dispatchEvent(new Event('input')); }
              document.body.getBoundingClientRect();
              times.push(performance.now() - start);
            }
            times.sort((one, other) => one - other);
            return { median: times[60], longest: times.at(-1) };""")

    def audit(self):
        """Violations by axe-core in every width and look; at the first and the last step in one."""
        checked = 0
        for width, height in SIZES.values():
            self.size(width, height)
            for look in LOOKS:
                ends = (1, self.steps()) if (width, look) == (1280, "light") else ()
                for step in (self.steps() // 2, *ends):
                    self.open(step)
                    self.select("look", look)
                    time.sleep(0.3)
                    self.js(AXE)
                    result = self.driver.execute_async_script(
                        "axe.run({ resultTypes: ['violations', 'incomplete'] })"
                        ".then(arguments[arguments.length - 1])")
                    checked += len(result["passes"])
                    for violation in result["violations"]:
                        nodes = [node["html"][:120] for node in violation["nodes"][:3]]
                        self.fail(f"axe, {width} pixels, {look}, step {step}: {violation['id']}: "
                                  f"{violation['help']}: {nodes}")
                    self.no_overflow(width, look)
        self.size(*SIZES["laptop"])
        return checked

    def no_overflow(self, width, look):
        """The page itself is never wider than the window."""
        wide = self.js("return document.documentElement.scrollWidth")
        if wide > width:
            self.fail(f"at {width} pixels, {look}, the page is {wide} wide")

    def pictures(self):
        step = self.program.step
        for size, (width, height) in SIZES.items():
            self.size(width, height)
            for look in LOOKS:
                self.open(step)
                self.select("look", look)
                time.sleep(0.4)
                for suffix, beyond in (("", False), ("-whole", True)):
                    if beyond and look != "light":
                        continue
                    data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
                        "format": "png", "captureBeyondViewport": beyond})["data"]
                    file = OUT / f"{self.name}-{size}-{look}{suffix}.png"
                    file.write_bytes(base64.b64decode(data))
        self.size(*SIZES["laptop"])
        self.open(step)
        pdf = self.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
        (OUT / f"{self.name}.pdf").write_bytes(base64.b64decode(pdf["data"]))

    def silence(self):
        """Nothing was said in the console, and nothing but the file itself was asked for."""
        for entry in self.driver.get_log("browser"):
            self.fail(f"the console says {entry['message']}")
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith(("file://", "data:image/svg+xml", "about:")):
                    self.fail(f"a request for {url}")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    names = sys.argv[1:] or list(PROGRAMS)
    driver = browser()
    driver.set_script_timeout(300)
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        for name in names:
            check = Check(driver, name)
            check.size(*SIZES["laptop"])
            check.stepping()
            numbers = check.numbers()
            edited = check.editing()
            pace = check.pace()
            audit = check.audit()
            check.silence()
            check.pictures()
            print(f"{name}: {check.steps()} steps, {numbers} numbers as in --json, {edited} after an "
                  f"edit; {audit} rules of axe passed; exported in {check.export_seconds:.2f} s, "
                  f"{check.path.stat().st_size // 1000} kB; a step takes {pace['median']:.1f} ms, "
                  f"{pace['longest']:.1f} at most", flush=True)
    finally:
        driver.quit()
    print(f"pictures are in {OUT}")


if __name__ == "__main__":
    main()
