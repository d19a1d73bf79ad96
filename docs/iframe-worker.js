"use strict";
/* Browsers start no worker from disk; the search's works in a hidden frame instead. */
if (location.protocol === "file:") window.Worker = class {
  constructor(address) {
    this.frame = document.createElement("iframe");
    this.frame.hidden = true;
    this.frame.srcdoc = "";
    this.ready = new Promise((ready) => {
      this.frame.onload = () => {
        const inside = this.frame.contentWindow, script = inside.document.createElement("script");
        inside.postMessage = (data) => this.onmessage({ data: structuredClone(data) });
        script.onload = () => ready(inside);
        script.src = address;
        inside.document.head.append(script);
      };
    });
    document.body.append(this.frame);
  }

  postMessage(data) {
    this.ready.then((inside) => inside.onmessage({ data: structuredClone(data) }));
  }

  terminate() {
    this.frame.remove();
  }
};
