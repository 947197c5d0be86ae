"""The score that Lighthouse gives exported pages for accessibility; it has to be 100.

    python3 Tests/Page/lighthouse.py [NAME...]

Chromium carries Lighthouse within its developer tools, and Puppeteer, through which Lighthouse speaks to
the page. Both are read from there and run in a second browser, so nothing has to be installed.
"""

import json
import sys
import urllib.request

from browser import OUT, SIZES, Check, browser

# Runs in a page of the developer tools: the first argument is the browser's address.
AUDIT = """
const [browser, isPhone, done] = arguments;
const audit = async () => {
  const place = 'devtools://devtools/bundled/third_party/';
  const { Browser, Connection } = await import(place + 'puppeteer/puppeteer.js');
  if (!self.snapshot) {
    const script = document.createElement('script');
    script.src = place + 'lighthouse/lighthouse-dt-bundle.js';
    document.documentElement.append(script);
    await new Promise((loaded) => { script.onload = loaded; });
  }
  const socket = new WebSocket(browser);
  await new Promise((opened) => { socket.onopen = opened; });
  const transport = { send: (text) => socket.send(text), close: () => socket.close() };
  socket.onmessage = ({ data }) => transport.onmessage?.(data);
  const guest = await Browser._create(
    new Connection('', transport), [], false, undefined, undefined, undefined, undefined, undefined,
    undefined, undefined, true);
  const page = (await guest.pages()).find((one) => one.url().startsWith('file:'));
  const { lhr } = await self.snapshot(page, { config: {
    extends: 'lighthouse:default',
    settings: {
      onlyCategories: ['accessibility'], formFactor: isPhone ? 'mobile' : 'desktop',
      screenEmulation: { disabled: true },
    },
  } });
  socket.close();
  const { score, auditRefs } = lhr.categories.accessibility;
  const audits = auditRefs.map(({ id }) => lhr.audits[id]);
  return {
    version: lhr.lighthouseVersion, score: score * 100,
    passed: audits.filter((one) => one.score === 1).length,
    failed: audits.filter((one) => one.score !== null && one.score < 1)
      .map(({ id, title, details }) => `${id}: ${title}: ${details?.items?.[0]?.node?.snippet}`),
  };
};
audit().then(done, (error) => done({ error: String(error.stack ?? error) }));
"""


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    driver, tools = browser("--remote-allow-origins=*"), browser()
    tools.set_script_timeout(90)
    try:
        port = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        with urllib.request.urlopen(f"http://{port}/json/version") as answer:
            socket = json.load(answer)["webSocketDebuggerUrl"]
        tools.get("devtools://devtools/bundled/third_party/lighthouse/lighthouse-dt-bundle.js")
        for name in sys.argv[1:] or ("neuron", "layers", "fan-out", "operations", "names", "large"):
            check = Check(driver, name)
            for size in ("phone", "laptop"):
                check.size(*SIZES[size])
                check.open(check.program.step)
                found = tools.execute_async_script(AUDIT, socket, size == "phone")
                if "error" in found:
                    # Not the page's fault: another Chromium may keep its tools elsewhere.
                    print(f"Lighthouse could not be run: {found['error']}")
                    return
                if found["failed"] or found["score"] != 100:
                    check.fail(f"Lighthouse, {size}: {found['score']}: {found['failed']}")
                print(f"{name}, {size}: Lighthouse {found['version']} gives {found['score']} for "
                      f"accessibility, {found['passed']} audits passed", flush=True)
    finally:
        driver.quit()
        tools.quit()


if __name__ == "__main__":
    main()
