### Was die Seiten sagen, auf Deutsch.
### Nur reiner Text. Ein Wert wie { $client } wird von der Seite selbst hervorgehoben; bitte keine Anführungszeichen darum.

## Every page

frame-problem-title = Fehler: { $title }
frame-footer = Gesiegelt von Chancery

## Applications and scopes

client-website = Website
client-privacy = Datenschutz
client-terms = Nutzungsbedingungen
client-unverified = Nicht geprüft
scope-openid = Sie wiedererkennen
scope-openid-more = An einer Kennung, die gleich bleibt.
scope-profile = Ihr Profil sehen
scope-profile-more = Name, Bild und Sprache.
scope-email = Ihre E-Mail-Adresse sehen
scope-email-more = Und ob sie bestätigt ist.
scope-address = Ihre Postanschrift sehen
scope-address-more = So wie sie in Ihrem Profil steht.
scope-phone = Ihre Telefonnummer sehen
scope-phone-more = Und ob sie bestätigt ist.
scope-offline_access = Diesen Zugriff auch in Ihrer Abwesenheit behalten
scope-offline_access-more = Bis Sie die Verbindung trennen.

## Sign in

sign-in-title = Anmelden
sign-in-for = weiter zu { $client }
sign-in-here = mit Ihrem Konto bei { $realm }
sign-in-unverified = Der Name { $client } ist nicht geprüft. Er stammt von { $host }.
sign-in-username = Benutzername
sign-in-password = Passwort
sign-in-submit = Anmelden
sign-in-cancel = Abbrechen
sign-in-problem-wrong-credentials = Benutzername und Passwort passen nicht zusammen. Prüfen Sie beides und versuchen Sie es noch einmal.
sign-in-problem-busy = Gerade melden sich zu viele Menschen an. Ihr Passwort wurde nicht geprüft. Versuchen Sie es gleich noch einmal.
sign-in-problem-expired = Diese Seite war zu lange offen. Geben Sie Ihr Passwort noch einmal ein.
sign-in-problem-wait-seconds = { $seconds ->
    [one] Zu viele Versuche. Warten Sie eine Sekunde und versuchen Sie es dann noch einmal.
   *[other] Zu viele Versuche. Warten Sie { $seconds } Sekunden und versuchen Sie es dann noch einmal.
}
sign-in-problem-wait-minutes = { $minutes ->
    [one] Zu viele Versuche. Warten Sie eine Minute und versuchen Sie es dann noch einmal.
   *[other] Zu viele Versuche. Warten Sie { $minutes } Minuten und versuchen Sie es dann noch einmal.
}

## Consent

consent-title = { $client } erlauben?
consent-heading = Darf { $client } Ihr Konto benutzen?
consent-account = Angemeldet als { $user }
consent-scopes = Die Anwendung kann dann
consent-scopes-none = Sie möchte nur wissen, dass Sie sich angemeldet haben.
consent-resources = Sie benutzt den Zugriff bei
consent-unverified = Niemand hier hat Name oder Logo dieser Anwendung geprüft. Erlauben Sie es nur, wenn Sie { $host } vertrauen.
consent-destination = In jedem Fall geht es danach weiter zu { $host }.
consent-allow = Erlauben
consent-deny = Ablehnen
consent-switch = Anderes Konto verwenden

## Your account

home-title = Ihr Konto
home-sign-out = Abmelden
home-applications = Verbundene Anwendungen
home-applications-none = Keine Anwendung kann Ihr Konto benutzen. Sobald Sie es einer erlauben, steht sie hier.
home-granted = Seit { $when }
home-disconnect = Trennen
home-disconnect-label = { $client } trennen
home-details = Was sie darf
home-sessions = Wo Sie angemeldet sind
home-sessions-none = Sie sind nirgends sonst angemeldet.
home-session-current = Dieser Browser
home-session-device = { $browser } auf { $system }
home-session-unknown = Unbekannter Browser
home-session-times = Angemeldet { $started }, zuletzt gesehen { $seen }

## Sign out

sign-out-title = Abmelden?
sign-out-asked = { $client } bittet darum, Sie abzumelden.
sign-out-effect = Sie sind als { $user } angemeldet. Das Abmelden beendet diese Sitzung in diesem Browser.
sign-out-submit = Abmelden
sign-out-stay = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-advice = Schließen Sie an einem gemeinsam genutzten Computer auch alle Browserfenster.
signed-out-again = Wieder anmelden
signed-out-back = Zurück zur Anwendung

## Passwords

set-password-title = Passwort wählen
set-password-for = für das Konto { $user }
set-password-advice = Mindestens { $minimum } Zeichen. Ein paar Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.
set-password-new = Neues Passwort
set-password-repeat = Noch einmal
set-password-submit = Passwort speichern
password-problem-mismatch = Die beiden Eingaben unterscheiden sich. Geben Sie das neue Passwort zweimal gleich ein.
password-problem-too-common = Dieses Passwort gehört zu denen, die als Erste geraten werden. Wählen Sie ein anderes.
password-problem-too-long = Dieses Passwort ist zu lang. Wählen Sie ein kürzeres.
password-problem-too-short = Dieses Passwort ist zu kurz. Verwenden Sie mindestens { $minimum } Zeichen.
password-set-title = Ihr Passwort ist gespeichert
password-set-next = Melden Sie sich von nun an damit an.
password-set-sign-in = Anmelden
link-expired-title = Dieser Link gilt nicht mehr
link-expired-next = Solche Links gelten einmal und nur kurze Zeit. Lassen Sie sich dort, woher er kam, einen neuen geben.

## Problems

problem-client-unknown-title = Diese Anwendung ist hier nicht bekannt
problem-client-unknown-next = Sie ist nicht registriert oder wurde abgeschaltet. Wenden Sie sich an ihre Betreiber.
problem-forbidden-title = Das dürfen Sie nicht
problem-forbidden-next = Ihr Konto hat nicht das Recht dazu. Wenn es das haben sollte, wenden Sie sich an Ihre Administration.
problem-not-found-title = Diese Seite gibt es nicht
problem-not-found-next = Prüfen Sie die Adresse, oder beginnen Sie noch einmal bei der Anwendung, von der Sie kamen.
problem-redirect-unknown-title = Zu Ihrem Schutz geht es hier nicht weiter
problem-redirect-unknown-next = Die Anwendung wollte Sie an eine Adresse schicken, die sie nicht registriert hat. Es wurde nichts über Sie übermittelt. Sagen Sie es ihren Betreibern.
problem-request-expired-title = Das hat etwas zu lange gedauert
problem-request-expired-next = Zu Ihrer Sicherheit muss eine Anmeldung bald nach ihrem Beginn abgeschlossen sein. Gehen Sie zur Anwendung zurück und beginnen Sie noch einmal.
problem-request-invalid-title = Die Anwendung hat einen Fehler gemacht
problem-request-invalid-next = Ihre Anfrage kann nicht angenommen werden. Es wurde nichts über Sie übermittelt. Gehen Sie zurück und versuchen Sie es noch einmal; hilft das nicht, sagen Sie es den Betreibern der Anwendung.
problem-session-mismatch-title = Diese Seite gehört zu einer anderen Anmeldung
problem-session-mismatch-next = Seit sie geöffnet wurde, hat sich in diesem Browser jemand an- oder abgemeldet. Gehen Sie zur Anwendung zurück und beginnen Sie noch einmal.
problem-too-many-requests-title = Das war zu oft
problem-too-many-requests-next = Von Ihrer Adresse kamen zu viele Anfragen. Warten Sie eine Minute und versuchen Sie es dann noch einmal.
problem-unavailable-title = Wir können gerade nicht antworten
problem-unavailable-next = Es liegt an uns, und Sie haben nichts verloren. Versuchen Sie es in einer Minute noch einmal.
problem-retry = Noch einmal versuchen
problem-developers = Für alle, die der Sache nachgehen
problem-code = Fehler
problem-detail = Einzelheit
problem-request-id = Anfrage-ID
