// Keys of the queue and of a fact's page (the page lists them). They can be switched off, as single letters
// get in the way of speech input.
(() => {
    const box = document.getElementById("keys");
    if (!box) return;
    box.checked = localStorage.getItem("keys") !== "off";
    box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));

    const fields = { v: "verify", r: "reject_reason_code", m: "ask_reason_code" };
    const links = [...document.querySelectorAll("table.rows tbody tr")].map((row) => row.querySelector("a"));
    document.getElementById(location.hash.slice(1))?.focus();

    const inQueue = (key) => {
        const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
        if (key === "j") links[Math.min(here + 1, links.length - 1)]?.focus();
        else if (key === "k") links[Math.max(here - 1, 0)]?.focus();
        else if (here >= 0) location.href = `${links[here].href}#${fields[key]}`;
    };
    const onFact = (key) => {
        const target = document.querySelector(`[data-key="${key}"]`) ?? document.getElementById(fields[key]);
        target?.hasAttribute("data-key") ? target.click() : target?.focus();
    };
    document.addEventListener("keydown", (event) => {
        const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
        if (!box.checked || typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
        if (!"jkvrm".includes(event.key) || event.key.length !== 1) return;
        event.preventDefault();
        links.length ? inQueue(event.key) : onFact(event.key);
    });
})();
