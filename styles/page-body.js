/** Lead from the element of a page's body to Wagtail's own object, which takes new blocks. */

const { StreamBlockDefinition } = window.wagtailStreamField.blocks;

class BodyDefinition extends StreamBlockDefinition {
  render(...about) {
    const body = super.render(...about);
    body.element.pageBody = body;
    return body;
  }
}

window.telepath.register("lms.blocks.Body", BodyDefinition);
