/*
 * The rules of the security set.
 */
#include "lint_check.h"

TEST(verification_off_by_curl_and_wget)
{
	NEEDS_SHELL();
	CHECK_FIXED("FROM a\nRUN sudo curl -kL https://x\n", "PL2001",
		    "FROM a\nRUN sudo curl -L https://x\n");
	CHECK_FIXED("FROM a\nRUN wget --check-certificate=off https://x\n", "PL2001",
		    "FROM a\nRUN wget https://x\n");
	CHECK_FIXED("FROM a\nRUN wget https://x \\\n  --no-check-certificate \n\nUSER x\n",
		    "PL2001", "FROM a\nRUN wget https://x \n\nUSER x\n");
	CHECK_FIXED("FROM a\nRUN wget \\\n  --no-check-certificate \\\n https://x\n", "PL2001",
		    "FROM a\nRUN wget \\\n https://x\n");
	CHECK_FIXED("FROM a\nRUN curl -fksSkL https://x -k\n", "PL2001",
		    "FROM a\nRUN curl -fsSL https://x\n");
	CHECK_CLEAN("FROM a\nRUN wget --check-certificate=on https://x\n", "PL2001");
	CHECK_CLEAN("FROM a\nRUN sudo -k; sudo -k ls; env -k curl\n", "PL2001");
}

TEST(verification_off_by_variables)
{
	CHECK_FINDS("FROM a\nENV NODE_TLS_REJECT_UNAUTHORIZED=0\n", "PL2002", "2:5-2:35");
	CHECK_FINDS("FROM a\nENV A=b NODE_TLS_REJECT_UNAUTHORIZED=\"0\"\n", "PL2002", "2:9-2:41");
	CHECK_CLEAN("FROM a\nENV NODE_TLS_REJECT_UNAUTHORIZED=1\n", "PL2002");
	CHECK_FINDS("FROM a\nARG V=0\nENV PYTHONHTTPSVERIFY $V\n", "PL2002", "3:5-3:25");
	CHECK_CLEAN("FROM a\nARG V\nENV PYTHONHTTPSVERIFY=$V\n", "PL2002");
	CHECK_FINDS("FROM a\nENV npm_config_strict_ssl=False\n", "PL2002", "2:5-2:32");
	/* git asks only whether it is there */
	CHECK_FINDS("FROM a\nENV GIT_SSL_NO_VERIFY=0\n", "PL2002", "2:5-2:24");
	/* a global ARG is in no environment; without default there is no value */
	CHECK_CLEAN("ARG GIT_SSL_NO_VERIFY=1\nFROM a\nARG GIT_SSL_NO_VERIFY\n", "PL2002");
	CHECK_FINDS("FROM a\nONBUILD ENV PIP_TRUSTED_HOST=x\n", "PL2002", "2:13-2:31");
	CHECK_CLEAN("FROM a\nENV PIP_TRUSTED_HOST=\"\"\n", "PL2002");
}

TEST(verification_off_in_scripts)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN GIT_SSL_NO_VERIFY=1 git clone x\n", "PL2002", "2:5-2:24");
	CHECK_FINDS("FROM a\nRUN export NODE_TLS_REJECT_UNAUTHORIZED='0' && npm ci\n", "PL2002",
		    "2:12-2:44");
	CHECK_FINDS("FROM a\nRUN sudo env PYTHONHTTPSVERIFY=0 python x\n", "PL2002", "2:14-2:33");
	CHECK_FINDS("FROM a\nRUN git -c http.sslVerify=false clone x\n", "PL2002", "2:12-2:32");
	CHECK_FINDS("FROM a\nRUN git config --global http.sslverify false\n", "PL2002",
		    "2:25-2:45");
	CHECK_FINDS("FROM a\nRUN git config http.https://x/.sslVerify 0\n", "PL2002", "2:16-2:43");
	CHECK_FINDS("FROM a\nRUN git config --global http.sslVerify \"false\"\n", "PL2002",
		    "2:25-2:47");
	CHECK_CLEAN(
		"FROM a\nRUN git config http.sslVerify true; git config --unset http.sslVerify\n",
		"PL2002");
	CHECK_CLEAN("FROM a\nRUN git commit -m 'http.sslVerify false'; echo http.sslVerify false\n",
		    "PL2002");
	CHECK_FINDS("FROM a\nRUN npm config set strict-ssl false\n", "PL2002", "2:20-2:36");
	CHECK_FINDS("FROM a\nRUN npm set strict-ssl=false && npm i --strict-ssl=false && npm i "
		    "--no-strict-ssl\n",
		    "PL2002", "2:13-2:29 2:39-2:57 2:67-2:82");
	CHECK_FINDS("FROM a\nRUN yarn config set strict-ssl false -g\n", "PL2002", "2:21-2:37");
	CHECK_FINDS("FROM a\nRUN conda config --set ssl_verify no\n", "PL2002", "2:24-2:37");
	CHECK_FINDS("FROM a\nRUN python3 -m pip install --trusted-host x y\n", "PL2002",
		    "2:28-2:44");
	CHECK_FINDS("FROM a\nRUN sudo pip3 install --trusted-host=x y\n", "PL2002", "2:23-2:39");
	CHECK_FINDS("FROM a\nRUN composer config -g disable-tls true\n", "PL2002", "2:24-2:40");
	CHECK_FINDS("FROM a\nRUN echo insecure >> ~/.curlrc\n", "PL2002", "2:10-2:18");
	CHECK_FINDS("FROM a\nRUN echo 'strict-ssl = false' > \"$HOME/.npmrc\"\n", "PL2002",
		    "2:10-2:30");
	CHECK_CLEAN("FROM a\nRUN echo insecure; echo insecure > notes; cat insecure < ~/.curlrc\n",
		    "PL2002");
	CHECK_CLEAN("FROM a\nRUN npm config set strict-ssl\n", "PL2002");
}

TEST(packages_without_signature)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN apt-get install -y --allow-unauthenticated x\n", "PL2003",
		    "2:24-2:47");
	CHECK_FINDS("FROM a\nRUN sudo apt-get --force-yes -y install x\n", "PL2003", "2:18-2:29");
	CHECK_FINDS("FROM a\nRUN apt-get -o APT::Get::AllowUnauthenticated=true install x\n",
		    "PL2003", "2:13-2:51");
	CHECK_CLEAN("FROM a\nRUN apt-get -o APT::Get::AllowUnauthenticated=false install x\n",
		    "PL2003");
	CHECK_CLEAN("FROM a\nRUN apt-get update --no-allow-insecure-repositories\n", "PL2003");
	CHECK_CLEAN("FROM a\nRUN apt-get update --allow-insecure-repositories=false\n", "PL2003");
	CHECK_FINDS("FROM a\nRUN apk add --no-cache --allow-untrusted x.apk\n", "PL2003",
		    "2:24-2:41");
	CHECK_FINDS(
		"FROM a\nRUN yum -y install --nogpgcheck x && dnf install --setopt=*.gpgcheck=0 "
		"y\n",
		"PL2003", "2:20-2:32 2:50-2:71");
	CHECK_FINDS("FROM a\nRUN dnf5 install --no-gpgchecks x\n", "PL2003", "2:18-2:32");
	CHECK_CLEAN("FROM a\nRUN dnf install --setopt=gpgcheck=1 --setopt=repo_gpgcheck=0 x\n",
		    "PL2003");
	CHECK_FINDS("FROM a\nRUN rpm -ivh --nosignature x.rpm\n", "PL2003", "2:14-2:27");
	CHECK_CLEAN("FROM a\nRUN rpm -qp --nosignature x.rpm\n", "PL2003");
	CHECK_FINDS("FROM a\nRUN zypper --no-gpg-checks install x\n", "PL2003", "2:12-2:27");
	/* a package of that name, not the option */
	CHECK_CLEAN("FROM a\nRUN apk add allow-untrusted\n", "PL2003");
}

TEST(source_lists_without_signature)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN echo 'deb [trusted=yes] http://x y z' > /etc/apt/sources.list\n",
		    "PL2003", "2:10-2:42");
	CHECK_FINDS("FROM a\nRUN echo \"deb [arch=amd64 trusted=yes] $X\" | tee f\n", "PL2003",
		    "2:10-2:43");
	CHECK_CLEAN("FROM a\nRUN echo untrusted=yes trusted=yesterday; grep trusted=yes f\n",
		    "PL2003");
	CHECK_FINDS("FROM a\nRUN sed -i 's/gpgcheck=1/gpgcheck=0/' /etc/yum.repos.d/x.repo\n",
		    "PL2003", "2:12-2:38");
	CHECK_FINDS("FROM a\nRUN sed -i 's|gpgcheck=1|gpgcheck=0|g' f\n", "PL2003", "2:12-2:39");
	CHECK_CLEAN("FROM a\nRUN sed -i 's/gpgcheck=0/gpgcheck=1/' f; sed -i /gpgcheck=0/d f\n",
		    "PL2003");
	CHECK_CLEAN("FROM a\nRUN echo repo_gpgcheck=0 > f\n", "PL2003");
	CHECK_FINDS("FROM a\nRUN cat > f <<EOF\n[x]\ngpgcheck=0\nEOF\n", "PL2003", "3:1-5:1");
	CHECK_FINDS("FROM a\nCOPY <<EOF /etc/yum.repos.d/x.repo\n[x]\ngpgcheck=0\nEOF\n", "PL2003",
		    "3:1-5:1");
	CHECK_CLEAN("FROM a\nCOPY <<EOF f\n[x]\ngpgcheck=1\nEOF\n", "PL2003");
}

TEST(downloads_that_are_run)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN curl -fsSL https://x | sh\n", "PL2004", "2:5-2:30");
	CHECK_FINDS("FROM a\nRUN a && curl -sL https://x | sudo -E bash - && b\n", "PL2004",
		    "2:10-2:45");
	CHECK_FINDS("FROM a\nRUN wget -qO- https://x | bash -s -- -y\n", "PL2004", "2:5-2:40");
	CHECK_FINDS("FROM a\nRUN wget https://x -O - | tar xz | sh\n", "PL2004", "2:5-2:38");
	CHECK_FINDS("FROM a\nRUN curl -o - https://x | python3 - --yes\n", "PL2004", "2:5-2:42");
	CHECK_FINDS("FROM a\nRUN curl https://x | php -- --install-dir=/b\n", "PL2004", "2:5-2:45");
	CHECK_FINDS("FROM a\nRUN sh -c \"$(curl -fsSL https://x)\"\n", "PL2004", "2:5-2:36");
	CHECK_FINDS("FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN bash <(curl -s https://x)\n",
		    "PL2004", "3:5-3:30");
	CHECK_FINDS("FROM a\nRUN eval \"$(wget -O- https://x)\"; . <(curl x)\n", "PL2004",
		    "2:5-2:33 2:35-2:46");
	/* a file, a check in between, an argument, data */
	CHECK_CLEAN("FROM a\nRUN curl -o f https://x && sha256sum -c s && sh f\n", "PL2004");
	CHECK_CLEAN("FROM a\nRUN curl https://x | gpg -d | sh; curl -O https://x | sh\n", "PL2004");
	CHECK_CLEAN("FROM a\nRUN wget https://x | sh; curl https://x | sh f\n", "PL2004");
	CHECK_CLEAN("FROM a\nRUN curl x | python3 -c 'import json' | tar x\n", "PL2004");
	CHECK_CLEAN("FROM a\nRUN curl x | bash -c 'cat' ; sh -c \"echo $(curl x)\"\n", "PL2004");
	CHECK_CLEAN("FROM a\nRUN echo 'curl x | sh'; curl x | tar xz; curl x || sh\n", "PL2004");
	CHECK_CLEAN("FROM a\nRUN curl x | perl -pe s/a/b/ > f\n", "PL2004");
}

TEST(passwords_in_the_file)
{
	struct lint_check c;

	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN echo root:x | chpasswd\n", "PL2005", "2:10-2:16");
	CHECK_FINDS("FROM a\nRUN echo -n 'root:x' | sudo chpasswd -e\n", "PL2005", "2:13-2:21");
	CHECK_FINDS("FROM a\nRUN echo secret | passwd --stdin root\n", "PL2005", "2:10-2:16");
	CHECK_FINDS("FROM a\nRUN printf 'x\\nx\\n' | passwd\n", "PL2005", "2:12-2:20");
	CHECK_FINDS("FROM a\nRUN chpasswd <<< root:x\n", "PL2005", "2:18-2:24");
	CHECK_FINDS("FROM a\nRUN useradd -m -p secret x\n", "PL2005", "2:16-2:25");
	/* what a variable holds is not in the file; locked accounts have none */
	CHECK_CLEAN("FROM a\nRUN echo \"root:$P\" | chpasswd; echo root:$(pwgen) | chpasswd\n",
		    "PL2005");
	CHECK_CLEAN("FROM a\nRUN useradd -p '!' x && usermod -p '*' y && useradd -p \"$P\" z\n",
		    "PL2005");
	CHECK_CLEAN("FROM a\nRUN echo root:x; echo x | cat; passwd -l root; chpasswd < f\n",
		    "PL2005");
	/* the message does not repeat it */
	if (lint_check_run(&c, NULL, STR("FROM a\nRUN echo root:hunter2 | chpasswd\n"), "PL2005") <
	    0) {
		test_fail(__FILE__, __LINE__, "the run failed");
		return;
	}
	CHECK(c.result.count == 1 && str_find(c.result.findings[0]->message, STR("hunter2")) < 0);
	linter_free(c.linter);
}

TEST(secrets_by_their_shape)
{
	/* put together here, so that no scanner takes this file for a leak */
	static const char alnum[] = "0123456789abcdefghijABCDEFGHIJ012345";
	char text[256];
	struct lint_check c;

	snprintf(text, sizeof(text), "FROM a\nENV A=%s%s\n", "AKI", "A0123456789ABCDEF");
	CHECK_FINDS(text, "PL2006", "2:7-2:27");
	snprintf(text, sizeof(text), "FROM a\nRUN x --t=\"%s%s\" && y\n", "gh", "p_");
	CHECK_CLEAN(text, "PL2006");
	snprintf(text, sizeof(text), "FROM a\nRUN x \\\n  --t=\"%s%s\" && y\n", "ghp_", alnum);
	CHECK_FINDS(text, "PL2006", "3:8-3:48");
	if (lint_check_run(&c, NULL, str_of(text), "PL2006") == 0) {
		CHECK(c.result.count == 1 &&
		      str_find(c.result.findings[0]->message, str_of(alnum)) < 0);
		linter_free(c.linter);
	}
	/* too long, too short, part of a word, of a manual */
	snprintf(text, sizeof(text), "FROM a\nENV A=%s%s B=%s C=x%s%s\n", "AKI",
		 "A0123456789ABCDEF0", "AKIA", "AKI", "A0123456789ABCDEF");
	CHECK_CLEAN(text, "PL2006");
	CHECK_CLEAN("FROM a\nENV A=AKIAIOSFODNN7EXAMPLE\n", "PL2006");
	CHECK_FINDS("FROM a\nRUN git clone https://u:p@h/x\n", "PL2006", "2:25-2:26");
	CHECK_FINDS("FROM a\nARG U=http://u:p@h\nONBUILD ADD http://u:p@h/x /\n", "PL2006",
		    "2:16-2:17 3:22-3:23");
	CHECK_CLEAN("FROM a\nRUN git clone https://u:$P@h/x https://u@h:8/x ssh://git@h:22/x "
		    "https://h:80/a@b http://:@ ://\n",
		    "PL2006");
	CHECK_FINDS("FROM a\nCOPY <<EOF /k\n-----BEGIN RSA PRIVATE KEY-----\nx\nEOF\n", "PL2006",
		    "3:1-3:32");
	CHECK_CLEAN("FROM a\nRUN echo -----BEGIN CERTIFICATE----- -----BEGIN \n", "PL2006");
}

TEST(rights_that_are_given_away)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN chmod u+s /x && chmod 4755 /y && sudo chmod +s /z\n", "PL2007",
		    "2:11-2:14 2:27-2:31 2:49-2:51");
	CHECK_FINDS("FROM a\nRUN chmod -R 777 /x; chmod a+rwx /y; chmod u=rwx,o+w /z\n", "PL2007",
		    "2:14-2:17 2:28-2:33 2:44-2:53");
	CHECK_FINDS("FROM a\nRUN install -m 4755 a b; install --mode=0777 a b\n", "PL2007",
		    "2:16-2:20 2:34-2:45");
	CHECK_CLEAN(
		"FROM a\nRUN chmod 755 x; chmod 1777 x; chmod a+rwxt x; chmod g+s x; chmod 2775 "
		"x\n",
		"PL2007");
	CHECK_CLEAN(
		"FROM a\nRUN chmod u-s x; chmod o-w x; chmod +x x; chmod +w x; chmod \"$M\" x\n",
		"PL2007");
	CHECK_CLEAN("FROM a\nRUN chmod; chmod --reference=y 777; chmod 99999999999777 x; install a "
		    "b\n",
		    "PL2007");
}

TEST(what_add_fetches)
{
	CHECK_FINDS("FROM a\nADD http://x.y/z /z\nONBUILD ADD http://x.y/z /z\n", "PL2008",
		    "2:5-2:17 3:13-3:25");
	CHECK_FINDS("FROM a\nARG U=http://x.y\nADD [\"$U/z\", \"b\", \"/z/\"]\n", "PL2008",
		    "3:6-3:12");
	CHECK_FIXED("FROM a\nADD b \"http://x.y/z\" /z/\n", "PL2008",
		    "FROM a\nADD b \"https://x.y/z\" /z/\n");
	CHECK_CLEAN("FROM a\nADD https://x.y/z /z\nCOPY http://x.y/z /z\nADD http://x.y/z.git /z\n",
		    "PL2008");
	CHECK_CLEAN("FROM a\nADD --checksum=sha256:00 http://x.y/z /z\nADD http://localhost:8/z /\n"
		    "ADD http://127.0.0.1 /\nADD http\nADD http://x\nADD\n",
		    "PL2008");
	CHECK_FINDS("FROM a\nADD http://localhost.example/z /\n", "PL2008", "2:5-2:31");
	CHECK_FINDS("FROM a\nADD https://x.y/z /z\n", "PL2009", "2:5-2:18");
	CHECK_FINDS("FROM a\nARG V\nADD https://x.y/$V a https://x.y/b?c=.git /z/\n", "PL2009",
		    "3:5-3:19 3:22-3:42");
	CHECK_CLEAN("FROM a\nADD --checksum=sha256:00 https://x.y/z /z\nADD http://x.y/z /z\n"
		    "ADD https://x.y/z.git#v1 git@x:y/z ssh://x git://y /z/\nADD $U /z\n",
		    "PL2009");
}

TEST(sudo_without_a_password)
{
	NEEDS_SHELL();
	CHECK_FINDS("FROM a\nRUN echo 'u ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers\n", "PL2010",
		    "2:10-2:36");
	CHECK_FINDS("FROM a\nRUN printf '%s ALL = NOPASSWD: SETENV: /a, ALL\\n' u | tee -a "
		    "/etc/sudoers.d/u\n",
		    "PL2010", "2:12-2:50");
	CHECK_FINDS(
		"FROM a\nRUN sed -i 's/^%sudo.*/%sudo ALL=(ALL:ALL) NOPASSWD:ALL/g' /etc/sudoers\n",
		"PL2010", "2:12-2:59");
	CHECK_FINDS("FROM a\nRUN cat > /etc/sudoers.d/u <<E\n# x\nu ALL=NOPASSWD:ALL\nE\n",
		    "PL2010", "3:1-5:1");
	CHECK_FINDS("FROM a\nCOPY <<E /etc/sudoers.d/u\nDefaults:u !authenticate\nE\n", "PL2010",
		    "3:1-4:1");
	CHECK_CLEAN("FROM a\nRUN echo 'u ALL=(ALL) NOPASSWD: /bin/x' >> /etc/sudoers\n", "PL2010");
	CHECK_CLEAN(
		"FROM a\nRUN echo 'root ALL=(ALL) NOPASSWD: ALL' '# u ALL=NOPASSWD: ALL' NOPASSWD "
		"NOPASSWD:ALLOW NOPASSWD: >> /etc/sudoers\n",
		"PL2010");
	CHECK_CLEAN("FROM a\nRUN sed -i 's/NOPASSWD: ALL/PASSWD: ALL/;s/NOPASSWD: ALL' "
		    "/etc/sudoers; sed s; sed 's/'\n",
		    "PL2010");
	CHECK_CLEAN("FROM a\nRUN echo 'u ALL=(ALL) ALL' >> /etc/sudoers\n", "PL2010");
}
