import sys, json, time, copy, subprocess, tempfile, os
from dataclasses import replace
from pathlib import Path
import pytest
sys.path.insert(0, "/work/main/tests/e2e")
from conftest import shifted
from review_world import make_world, OPA, at
from hashlib import sha256
from hallgate.decide.judge import judge_many
from hallgate.decide.compose import at as at_, waiver_bundle
from hallgate.decide.policies import load_policies
from hallgate.engine.opa import Opa
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.record.decision_record import Material, write_record, verify_record
from hallgate.record.keys import load_private_key

def test_it(tmp_path_factory, made_bank, tmp_path):
    world = make_world(tmp_path_factory.mktemp("review"), made_bank, shifted)
    repo = Repository(world.repository); schemas=Schemas.load(repo.evidence_schemas); eng=Opa(OPA, timeout=300)
    pol = load_policies(repo, schemas, eng, None); trust=read_trust(repo.trust, schemas)
    key = load_private_key(made_bank.key)
    recs = sorted((world.folder/"records").glob("*.record.json"))
    inputs=[verify_record(r, trust, int(time.time())).input for r in recs]
    docs=[]; now=int(time.time())-5
    for n in range(1000):
        doc=inputs[n%2]; old=doc["request"]["model"]["digest"]; new="sha256:"+sha256(str(n).encode()).hexdigest()
        docs.append(json.loads(json.dumps(doc).replace(old,new)))
    t=time.time(); ds=judge_many(eng,pol.rules,None,[at_(d,now) for d in docs],replay=True); print("judge 1000",time.time()-t, flush=True)
    records=tmp_path/"records"
    t=time.time()
    for d,x in zip(docs,ds):
        write_record(records, Material(x,d,pol.bundle.data,None,("opa","1.22.0")), key, "decision-service")
    print("written", time.time()-t, flush=True)
    digests=[d["request"]["model"]["digest"] for d,x in zip(docs,ds) if not x.allowed]
    def change(clone):
        for n in range(200):
            w=world.waiver(id=f"EXC-2026-{n+1:04d}"); w["subject"]["digests"]=[digests[n]]
            p=world.write(clone,w)
            for who in ("compliance","model-risk"): world.approve(p,w,who,rule=pol.rule_digests["FAIR-001"])
    pull=world.pull(tmp_path,change,"model-owner")
    def bare():
        b=tmp_path/"b.tar.gz"; b.write_bytes(pol.bundle.data)
        w=tmp_path/"w.tar.gz"; w.write_bytes(waiver_bundle((),0).data)
        q="[[i, a] | some i, one in input.batch; a := data.promotion.replay.decision with input as one]"
        payload=json.dumps({"batch":[at_(d,now) for d in docs]}).encode()
        t=time.time()
        for _ in range(2):
            subprocess.run([OPA,"eval","--strict-builtin-errors","--format","json","--stdin-input","--v1-compatible","-b",b,"-b",w,q],input=payload,capture_output=True,check=True)
        return time.time()-t
    print("bare both", bare(), flush=True)
    import cProfile,pstats,io
    from hallgate.cli.app import main
    os.environ["HALLGATE_OPA"]=str(OPA)
    t=time.time()
    pr=cProfile.Profile(); pr.enable(); c=main(["review","main..HEAD","--repository",str(pull.folder),"--records",str(records),"--quiet","--format","json","--output",str(tmp_path/"o"),"--timeout","300"]); pr.disable()
    print("review", c, time.time()-t)
    r=json.loads((tmp_path/"o").read_text()); print(r["headline"], [(x["replayed"],x["flipped"],len(x["newly_allowed"])) for x in r["blast_radius"]], [x["what"] for x in r["refused"][:3]])
    s=io.StringIO(); pstats.Stats(pr,stream=s).sort_stats("cumulative").print_stats(60); print(s.getvalue()[:9000])
    print("bare both", bare())
