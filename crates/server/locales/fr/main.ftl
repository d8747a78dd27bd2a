### Ce que disent les pages, en français.
### Texte brut seulement. Une valeur comme { $client } est mise en évidence par la page ; ne l’entourez pas de guillemets.

## Every page

frame-problem-title = Erreur : { $title }
frame-footer = Scellé par Chancery

## Applications and scopes

client-website = Site web
client-privacy = Confidentialité
client-terms = Conditions d’utilisation
client-unverified = Non vérifiée
scope-openid = Vous reconnaître
scope-openid-more = Par un identifiant qui reste le même.
scope-profile = Voir votre profil
scope-profile-more = Votre nom, votre photo et votre langue.
scope-email = Voir votre adresse e-mail
scope-email-more = Et si elle a été confirmée.
scope-address = Voir votre adresse postale
scope-address-more = Telle qu’elle figure dans votre profil.
scope-phone = Voir votre numéro de téléphone
scope-phone-more = Et s’il a été confirmé.
scope-offline_access = Garder cet accès en votre absence
scope-offline_access-more = Jusqu’à ce que vous la déconnectiez.

## Sign in

sign-in-title = Connexion
sign-in-for = pour continuer vers { $client }
sign-in-here = à votre compte chez { $realm }
sign-in-unverified = Le nom { $client } n’est pas vérifié. Il vient de { $host }.
sign-in-username = Nom d’utilisateur
sign-in-password = Mot de passe
sign-in-submit = Se connecter
sign-in-cancel = Annuler
sign-in-problem-wrong-credentials = Ce nom d’utilisateur et ce mot de passe ne vont pas ensemble. Vérifiez-les et réessayez.
sign-in-problem-busy = Trop de personnes se connectent en ce moment. Votre mot de passe n’a pas été vérifié. Réessayez dans un instant.
sign-in-problem-expired = Cette page est restée ouverte trop longtemps. Saisissez à nouveau votre mot de passe.
sign-in-problem-wait-seconds = { $seconds ->
    [one] Trop de tentatives. Attendez une seconde, puis réessayez.
   *[other] Trop de tentatives. Attendez { $seconds } secondes, puis réessayez.
}
sign-in-problem-wait-minutes = { $minutes ->
    [one] Trop de tentatives. Attendez une minute, puis réessayez.
   *[other] Trop de tentatives. Attendez { $minutes } minutes, puis réessayez.
}

## Consent

consent-title = Autoriser { $client } ?
consent-heading = Autoriser { $client } à utiliser votre compte ?
consent-account = Connecté en tant que { $user }
consent-scopes = Elle pourra
consent-scopes-none = Elle demande seulement à savoir que vous vous êtes connecté.
consent-resources = Elle s’en servira auprès de
consent-unverified = Personne ici n’a vérifié le nom ni le logo de cette application. Ne l’autorisez que si vous faites confiance à { $host }.
consent-destination = Dans les deux cas, vous irez ensuite sur { $host }.
consent-allow = Autoriser
consent-deny = Refuser
consent-switch = Utiliser un autre compte

## Your account

home-title = Votre compte
home-sign-out = Se déconnecter
home-applications = Applications connectées
home-applications-none = Aucune application ne peut utiliser votre compte. Celles que vous autorisez figureront ici.
home-granted = Depuis { $when }
home-disconnect = Déconnecter
home-disconnect-label = Déconnecter { $client }
home-details = Ce qu’elle peut faire
home-sessions = Où vous êtes connecté
home-sessions-none = Vous n’êtes connecté nulle part ailleurs.
home-session-current = Ce navigateur
home-session-device = { $browser } sur { $system }
home-session-unknown = Navigateur inconnu
home-session-times = Connecté { $started }, vu pour la dernière fois { $seen }

## Sign out

sign-out-title = Se déconnecter ?
sign-out-asked = { $client } demande à vous déconnecter.
sign-out-effect = Vous êtes connecté en tant que { $user }. La déconnexion met fin à cette session dans ce navigateur.
sign-out-submit = Se déconnecter
sign-out-stay = Rester connecté
signed-out-title = Vous êtes déconnecté
signed-out-advice = Sur un ordinateur partagé, fermez aussi toutes les fenêtres du navigateur.
signed-out-again = Se reconnecter
signed-out-back = Retour à l’application

## Passwords

set-password-title = Choisissez un mot de passe
set-password-for = pour le compte { $user }
set-password-advice = Au moins { $minimum } caractères. Quelques mots sans rapport sont faciles à retenir et difficiles à deviner.
set-password-new = Nouveau mot de passe
set-password-repeat = Répétez-le
set-password-submit = Enregistrer le mot de passe
password-problem-mismatch = Les deux saisies diffèrent. Saisissez deux fois le nouveau mot de passe.
password-problem-too-common = Ce mot de passe est parmi les premiers que l’on devine. Choisissez-en un autre.
password-problem-too-long = Ce mot de passe est trop long. Choisissez-en un plus court.
password-problem-too-short = Ce mot de passe est trop court. Utilisez au moins { $minimum } caractères.
password-set-title = Votre mot de passe est enregistré
password-set-next = Utilisez-le désormais pour vous connecter.
password-set-sign-in = Se connecter
link-expired-title = Ce lien n’est plus valable
link-expired-next = Un tel lien ne sert qu’une fois, et peu de temps. Demandez-en un nouveau là d’où il vient.

## Problems

problem-client-unknown-title = Cette application n’est pas connue ici
problem-client-unknown-next = Elle n’est pas enregistrée, ou elle a été désactivée. Adressez-vous à ses responsables.
problem-forbidden-title = Vous n’avez pas ce droit
problem-forbidden-next = Votre compte ne le permet pas. S’il le devrait, adressez-vous à votre administrateur.
problem-not-found-title = Cette page n’existe pas
problem-not-found-next = Vérifiez l’adresse, ou repartez de l’application d’où vous venez.
problem-redirect-unknown-title = Nous nous arrêtons ici pour vous protéger
problem-redirect-unknown-next = L’application voulait vous envoyer vers une adresse qu’elle n’a pas enregistrée. Rien sur vous n’a été transmis. Prévenez ses responsables.
problem-request-expired-title = Cela a pris un peu trop de temps
problem-request-expired-next = Pour votre sécurité, une connexion doit être achevée peu après son début. Retournez à l’application et recommencez.
problem-request-invalid-title = L’application a fait une erreur
problem-request-invalid-next = Sa demande ne peut pas être acceptée. Rien sur vous n’a été transmis. Revenez en arrière et réessayez ; si cela ne suffit pas, prévenez les responsables de l’application.
problem-session-mismatch-title = Cette page appartient à une autre connexion
problem-session-mismatch-next = Depuis son ouverture, quelqu’un s’est connecté ou déconnecté dans ce navigateur. Retournez à l’application et recommencez.
problem-too-many-requests-title = C’était trop souvent
problem-too-many-requests-next = Trop de demandes sont venues de votre adresse. Attendez une minute, puis réessayez.
problem-unavailable-title = Nous ne pouvons pas répondre pour l’instant
problem-unavailable-next = La faute est la nôtre, et vous n’avez rien perdu. Réessayez dans une minute.
problem-retry = Réessayer
problem-developers = Pour qui examinera l’affaire
problem-code = Erreur
problem-detail = Détail
problem-request-id = Référence
