import type { Principal } from "../contract/principal.ts";

/** Who makes a call, as a text that is the same at each of their calls and nobody else's. */
export function identityOf(principal: Principal): string {
  switch (principal.kind) {
    case "guest":
      return "guest";
    case "app":
      return `app ${principal.app.id}`;
    case "admin":
      return `user ${principal.person.id}`;
  }
}
