(() => {
  const bar = document.querySelector(".filter");
  if (!bar) return;
  const input = bar.querySelector("input"), told = bar.querySelector("output");
  const rows = [...document.querySelectorAll(".cases > li")].map(li => {
    const text = li.querySelector(".row").textContent;
    return [li, (text + text.replace(/-/g, "")).toLowerCase()];
  });
  const filter = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const [li, text] of rows) {
      li.hidden = !text.includes(wanted);
      shown += !li.hidden;
    }
    told.textContent = wanted ? `${shown} / ${rows.length}` : "";
  };
  input.addEventListener("input", filter);
  bar.addEventListener("click", event => {
    const open = event.target.dataset.open;
    if (open === undefined) return;
    for (const [li] of rows) {
      const details = li.querySelector("details");
      if (details && !li.hidden) details.open = !!open;
    }
  });
  const reach = () => {
    const details = document.getElementById(location.hash.slice(1))?.querySelector("details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", reach);
  reach();
  bar.hidden = false;
})();
